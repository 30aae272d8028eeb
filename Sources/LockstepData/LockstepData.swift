// LockstepData
