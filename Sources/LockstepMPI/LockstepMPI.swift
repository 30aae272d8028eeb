// LockstepMPI
