// LockstepTensor
