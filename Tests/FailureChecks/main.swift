import LockstepTensor
print("x")
