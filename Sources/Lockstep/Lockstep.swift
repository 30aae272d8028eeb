@_exported import LockstepCommunication
@_exported import LockstepData
@_exported import LockstepMPI
@_exported import LockstepNN
@_exported import LockstepSaving
@_exported import LockstepSystem
@_exported import LockstepTensor
@_exported import LockstepTraining
