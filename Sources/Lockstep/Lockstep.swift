@_exported import LockstepCommunication
@_exported import LockstepData
@_exported import LockstepNN
@_exported import LockstepSaving
@_exported import LockstepTensor
@_exported import LockstepTraining
