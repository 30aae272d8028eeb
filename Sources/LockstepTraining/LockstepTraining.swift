// LockstepTraining
