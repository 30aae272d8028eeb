// Runs one named check on every rank: `mpirun -n 3 rank-checks reducer sharedMemory 8`.
// Silent and 0 if it holds; else a line on standard error, and the whole job ends with another status.
import Foundation
import LockstepMPI

let arguments = Array(CommandLine.arguments.dropFirst())

/// The word at `index` behind the check's name.
func option(_ index: Int) -> String {
    guard arguments.count > index + 1 else {
        FileHandle.standardError.write(Data("rank-checks \(arguments.first ?? ""): option \(index + 1) is missing\n".utf8))
        exit(2)
    }
    return arguments[index + 1]
}

func reductionOption(_ index: Int) -> MPICommunicator.Reduction {
    guard let reduction = MPICommunicator.Reduction(rawValue: option(index)) else {
        FileHandle.standardError.write(Data("rank-checks: no reduction '\(option(index))'\n".utf8))
        exit(2)
    }
    return reduction
}

let checks: [String: () -> Void] = [
    "sum": checkSum,
    "broadcast": checkBroadcast,
    "gather": checkGather,
    "gather-parts": checkGatherOfParts,
    "rows": checkRows,
    "large": checkLarge,
    "compression": checkCompression,
    "identity": checkIdentity,
    "reducer": checkReducer,
    "windows": checkWindows,
    "filled": checkFilled,
    "strangers": checkStrangers,
    "printed": checkPrinted,
    "purposes": failByPurposes,
    "allocations": checkAllocations,
    "mismatched-layout": failByMismatchedLayout,
    "wrong-order": failByWrongOrder,
    "too-few-shards": failByTooFewShards,
    "compressed-shards": failByCompressedShards,
    "compressed-exchange": failByCompressedExchange,
    "uneven-parts": failByUnevenParts,
    "mpi-error": failByMPIError,
    "fickle-call": failByFickleCall,
    "abort": failByAbort,
    "killed": failByKill,
    "fault": checkFault,
    "train": checkTraining,
    "board": checkBoard,
    "differ": checkDifference,
    "all-reduce": checkAllReduce,
    "diverge": checkDivergence,
    "alone": checkTrainingAlone,
    "csv": checkHistoryFile,
    "labels": checkWarnings,
    "recompile": checkRecompilation,
    "decide": checkDecision,
    "misbehave": failInCallback,
    "flip": failByFlippedBit,
    "sharded": checkShardedOptimizer,
    "endurance": checkEndurance,
    "resume": checkResume,
    "graph": checkGraph,
    "golden": checkGolden,
    "stateful": checkStateful,
    "models": checkModels,
    "adapt": checkAdapt,
    "grow": failByGrowth,
    "frozen": checkFrozen,
    "metrics": checkMetrics,
    "steady-state": checkSteadyState,
]

guard let check = checks[arguments.first ?? ""] else {
    FileHandle.standardError.write(Data("rank-checks: one of \(checks.keys.sorted().joined(separator: ", "))\n".utf8))
    exit(2)
}
check()
