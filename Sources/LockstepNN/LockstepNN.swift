// LockstepNN
