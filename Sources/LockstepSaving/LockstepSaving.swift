// LockstepSaving
