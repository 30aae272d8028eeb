import Foundation
import XCTest

/// Programmer errors end the process, so each is made in a child: `FailureChecks NAME`. What it says on standard error
/// names the operation, what came, and what was expected.
final class FailureTests: XCTestCase {
    /// Each error's whole message.
    private let messages = [
        "conv-kernel":
            "in conv2d: Conv2D: a kernel of [5, 5] is larger than the input, of shape (None, 4, 6, 3); use padding same, a smaller kernel or "
            + "a larger input",
        "conv-dilation":
            "in conv1d: Conv1D: a kernel of [3] with a dilation of [3] is larger than the input, of shape (None, 6, 1); use padding same, a "
            + "smaller kernel or a larger input",
        "conv-groups": "Conv2D: expected a positive number of groups that divides the 4 filters, got 3",
        "conv-group-channels": "in conv2d: Conv2D: 2 groups do not divide the 3 channels of an input of shape (None, 4, 6, 3)",
        "conv-strides": "Conv2D: strides [2, 2] and a dilation of [2, 2] do not go together; one of them must be 1",
        "conv-lengths": "Conv2D: expected a positive whole number, or 2 of them for kernelSize, got [3, 3, 3]",
        "conv-causal": "DepthwiseConv1D: expected padding valid or same, got causal",
        "conv-rank": "in conv1d: Conv1D: expected 3 axes; got an input of shape (None, 4, 6, 3)",
        "conv-channels": "in conv2d: Conv2D: expected a last axis of length 3; got an input of shape (1, 4, 6, 2)",
        "conv-unknown":
            "in conv2d: Conv2D: the number of channels, the last axis of the input, must be known and positive; got an input of shape "
            + "(None, 4, 4, None)",
        "pool-window":
            "in max_pooling2d: MaxPooling2D: a window of [5, 5] is larger than the input, of shape (None, 4, 6, 3); use padding same, or a "
            + "smaller window",
        "pool-rank":
            "in global_average_pooling1d: GlobalAveragePooling1D: expected 3 axes; got an input of shape (None, 4, 6, 3)",
        "cropping": "in cropping2d: Cropping2D: cropping [[2, 2], [1, 1]] leaves nothing of an input of shape (None, 4, 6, 3); crop less",
        "padding":
            "ZeroPadding2D: expected a whole number that is not negative, or a list of 2 of them or of pairs [before, behind] for padding, "
            + "got [1, 2, 3]",

        "scalars": "Tensor: 3 scalars do not fill shape (2, 2)",
        "rows-nested": "Tensor: rows of different lengths [2, 2], [1, 2]",
        "rows-fill": "Tensor: 4 scalars do not fill shape (3,)",
        "int-range": "Tensor: 3000000000 is no int32; give it as a Float",
        "step": "subtract: shapes (4, 2) and (2, 2) do not broadcast",
        "rows": "Tensor: rows of different lengths [2, 1]",
        "read-type": "reading int32 elements of a tensor of float32; cast(to:) converts",
        "read-scalar": "scalar: a tensor of shape (2, 3) has 6 elements",
        "read-traced":
            "the elements of a traced tensor of shape (2, 3) are not known: a model's step is traced once and then repeated, so it cannot "
            + "branch on them; use tensor operations, or compile(runEagerly: true)",
        "use-traced": "a tensor of shape (2, 3) from a traced graph is used outside of it",

        "merge-concatenate":
            "in concatenate: Concatenate: expected inputs with equal lengths on all axes but -1; got (None, 3, 4) and (None, 2, 4)",
        "merge-concatenate-axis": "in concatenate: Concatenate: expected inputs with an axis 3; got (None, 3, 4) and (None, 2, 4)",
        "merge-add":
            "in add: Add: expected inputs of one batch size whose other axes broadcast; got (None, None, 4), (None, 3, 4) and (None, 2, 4)",
        "merge-batch":
            "in multiply: Multiply: expected inputs of one batch size whose other axes broadcast; got (2, 3) and (4, 3)",
        "merge-again": "in sum: Add: expected inputs of one batch size whose other axes broadcast; got (None, 3) and (None, 4)",
        "merge-count": "in subtract: Subtract: expected 2 inputs; got (2, 3), (2, 3) and (2, 3)",
        "merge-none": "in average: Average: expected at least one input; got none",
        "merge-dot":
            "in dot: Dot: expected equal lengths on axis 1 of the first input and 2 of the second; got (None, 3, 4) and (None, 2, 5)",
        "merge-dot-batch": "in dot: Dot: expected an axis behind the batch to sum over, not 0; got (2, 3) and (2, 3)",
        "embedding-dim": "Embedding: inputDim must be positive, got 0",
        "embedding-weights": "Embedding: weights must be float32 of shape (4, 3), got float32 of shape (3, 4)",
        "embedding-index":
            "in words: layer words (Embedding): index 4 at [1, 1] of indices of shape (2, 2) is outside of 0 ..< 4, the table's rows",
        "masking": "in masking: Masking: expected at least 2 axes; got an input of shape (3,)",
        "expand-dims": "expandDims: axis 3 is out of range for shape (2, 3)",

        "shape-overflow": "shape (1099511627776, 1099511627776) has more elements than memory can hold",
        "shape-strides": "shape (2, 1099511627776, 1099511627776) has more elements than memory can hold",
        "shape-unknown": "Tensor: shape (None, 3) is not known",
        "shape-negative": "Tensor: shape (-2, -3) is not known",
        "memory": "Tensor: float32 of shape (35184372088832,): needs 140737488355328 bytes (128.00 TB); this host has …",
        "memory-operation": "multiply: float32 of shape (1048576, 1048576): needs 4398046511104 bytes (4.00 TB); this host has …",
        "memory-program":
            "the results of a traced step, the largest that of multiply: float32 of shape (1048576, 1048576): needs 4398046511104 bytes "
            + "(4.00 TB); this host has …",
        "weight-memory":
            "in net/dense/kernel: Tensor: float32 of shape (4, 1099511627776): needs 17592186044416 bytes (16.00 TB); this host has …",
        "weight-overflow": "in net/dense/kernel: shape (4, 9223372036854775807) has more elements than memory can hold",
        "reshape-overflow": "shape (1099511627776, 1099511627776) has more elements than memory can hold",
        "threads": "Threads: expected a positive number of threads, got 0",
        "range-end": "range 0...9223372036854775807 is out of range for an axis of length 2",
        "one-hot": "oneHot: expected a depth that is an int32 and not negative, got 1099511627776",
        "reading": "model.keras: in net/dense: Dense: expected an input of at least two axes, [batch, inputs]; got (3,)",

        "add": "add: shapes (2, 3) and (4,) do not broadcast",
        "add-types": "add: types float32 and int32; both must be float32 or both int32",
        "number-type": "multiply with a number: a tensor of int32; cast(to: .float32) first",
        "compare": "greater: shapes (2, 3) and (2,) do not broadcast",
        "where": "where: shapes (2, 3), (2, 3) and (4,) do not broadcast",
        "exp-type": "exp: a tensor of bool; cast(to: .float32) first",
        "matmul": "matmul: shapes (2, 3) and (2, 3) do not fit: 3 columns, 2 rows",
        "matmul-transposed": "matmul: shapes (2, 3) and (4, 5) transposed do not fit: 3 columns, 5 rows",
        "matmul-rank": "matmul: shapes (2, 3) and (3,); both need at least two axes",
        "matmul-leading": "matmul: leading axes of (4, 2, 3) and (5, 3, 1) differ",
        "bias": "bias_relu: bias of shape (2,) for an input of shape (2, 3)",
        "reshape": "reshape: (2, 3) has 6 elements, (4, 2) has 8",
        "reshape-free": "reshape: (2, 3) does not divide into (4, None)",
        "transpose": "transpose: [0, 0] is not an order of the 2 axes of (2, 3)",
        "concatenate": "concatenate: shapes [(2, 3), (3, 4)] differ beside axis 1",
        "gather": "gather: index 2 at [1] of indices of shape (2,) is outside of 0 ..< 2, the table's rows",
        "squeeze": "squeeze: axes [0] of (2, 3) are not all of length 1",
        "sum-axis": "sum: axis 2 is out of range for shape (2, 3)",
        "max-empty": "max: shape (0, 3) has nothing along axes 0..<1",
        "index": "index 2 is out of range for an axis of length 2",
        "range": "range 1...3 is out of range for an axis of length 3",
        "range-from": "range PartialRangeFrom<Int>(lowerBound: 4) is out of range for an axis of length 2",
        "range-up-to": "range PartialRangeUpTo<Int>(upperBound: -1) is out of range for an axis of length 2",
        "range-through": "range PartialRangeThrough<Int>(upperBound: 3) is out of range for an axis of length 3",
        "indices": "3 indices for a tensor of shape (2, 3)",
        "cross-entropy": "cross-entropy: int32 targets of shape (3,) for logits of shape (2, 3)",

        "label": "cross-entropy: label 3 of row 1 is outside of 0 ..< 3",
        "label-negative": "cross-entropy: label -1 of row 0 is outside of 0 ..< 3",
        "gather-gradient": "scatterAdd: index 5 at [1] of indices of shape (2,) is outside of 0 ..< 2, the table's rows",
        "assign": "variable matrix: cannot assign a tensor of shape (3, 2) to shape (2, 3)",
        "assign-type": "variable matrix: cannot assign int32 to float32",
        "assign-add": "variable matrix: cannot assign a tensor of shape (3,) to shape (2, 3)",
        "assign-slice": "variable matrix: cannot assign a tensor of shape (2,) to a slice of shape (3,)",
        "tape-spent": "GradientTape: this tape has given its gradients; make it persistent to use it again",
        "tape-spent-gradient": "GradientTape: this tape has given its gradients; make it persistent to use it again",

        "dense-units": "Dense: units must be positive, got 0",
        "dense-rank": "in net/dense: Dense: expected an input of at least two axes, [batch, inputs]; got (3,)",
        "dense-input": "in net/first: Dense: expected a last axis of length 3; got an input of shape (5, 7)",
        "initializer":
            "Dense: unknown initializer \"he_norml\"; did you mean HeNormal? Known: Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, "
            + "Identity, LecunNormal, LecunUniform, Ones, Orthogonal, RandomNormal, RandomUniform, TruncatedNormal, VarianceScaling, Zeros",
        "regularizer":
            "BatchNormalization: unknown regularizer \"l3\"; did you mean L1? Known: L1, L1L2, L2, OrthogonalRegularizer",
        "constraint": "in net/dense/kernel: UnitNorm: axis 2 is out of range for shape (4, 3)",
        "regularizer-factor": "L1L2: expected l2 to be a finite number that is not negative, got -0.1",
        "regularizer-nan": "OrthogonalRegularizer: expected factor to be a finite number that is not negative, got nan",
        "regularizer-shape":
            "OrthogonalRegularizer: expected a matrix of at least two columns, whose products it is the mean of; got shape (3, 1)",
        "constraint-axis": "MaxNorm: axis 2 is out of range for shape (2, 3)",
        "constraint-axes": "UnitNorm: an axis is named twice among [1, -1] for shape (2, 3)",
        "constraint-nan": "MinMaxNorm: expected a finite maxValue, got nan",
        "set-weights-count": "layer net: 1 values for 2 weights",
        "set-weights-shape": "layer net: a value of float32 and shape (3,) for net/out/bias, which is float32 of shape (2,)",
        "set-weights-early": "layer late: 2 values for 0 weights; it is not built yet, so build or call it first",
        "layer-at": "model net: no layer at 9; expected a place from -1 to 0",
        "layer-at-end": "model net: no layer at -9223372036854775808; expected a place from -1 to 0",
        "momentum": "SGD: momentum must lie between 0 and 1, got 1.5",
        "momentum-nan": "SGD: momentum must lie between 0 and 1, got nan",
        "beta-infinite": "Adam: expected a finite beta2, got inf",
        "lion-beta": "Lion: beta1 must be greater than 0 and at most 1, got 0.0",
        "ftrl-power": "Ftrl: learningRatePower must be 0 or negative, got 0.5",
        "ftrl-strength": "Ftrl: l1RegularizationStrength must be 0 or positive, got -1.0",
        "ema-frequency": "optimizer nadam: ema_overwrite_frequency: expected a whole number of at least 1, or nothing, found -1",
        "optimizer-shapes": "optimizer columns: its state has shapes of its own, which takes one that needsWholeVariables",
        "rate-nan": "optimizer rm_sprop: expected a finite learningRate, got nan",
        "schedule-nan": "CosineDecay: expected a finite initialLearningRate, got nan",
        "epsilon-nan": "BatchNormalization: expected a finite epsilon, got nan",
        "scale": "VarianceScaling: scale must be positive, got 0.0",
        "smoothing-nan": "CategoricalCrossentropy: expected a finite labelSmoothing, got nan",
        "num-labels": "AUC: numLabels is for multiLabel: true alone",
        "label-weights": "metric auc: 2 label_weights for predictions of shape (2, 3)",
        "fscore-beta": "FBetaScore: beta must be positive, got 0.0",
        "fscore-shape":
            "metric f1_score: targets of shape (2,) for predictions of shape (2, 3); expected both of shape (batch, classes)",
        "iou-classes": "IoU: targetClassIDs must be some of 0 ..< 2, got [2]",
        "iou-shape":
            "metric mean_io_u: targets of shape (2,) for predictions of shape (2, 3); expected classes and classes, or other sparse_y_true and sparse_y_pred",
        "top-k": "TopKCategoricalAccuracy: k must be positive, got 0",
        "rate-bound": "RecallAtPrecision: precision must lie between 0 and 1, got 1.5",
        "normalizer": "metric mean_relative_error: a normalizer of 2 numbers for predictions of shape (2, 3)",
        "huber-nan": "Huber: expected a finite delta, got nan",
        "generalized-q": "CategoricalGeneralizedCrossEntropy: q must lie between 0 and 1, got 1.0",
        "identity-shape": "Identity: expected the shape of a matrix, got (2, 2, 2)",
        "orthogonal-shape": "Orthogonal: expected a shape of at least two axes, got (3,)",
        "restarts": "CosineDecayRestarts: tMul must be at least 1, got 0.5",
        "thresholds": "AUC: numThresholds must lie between 2 and 16777216, got 9223372036854775807",
        "dropout-rate": "Dropout: rate must lie between 0 and 1, got 1.5",
        "activation": "unknown activation \"rleu\"; did you mean relu? Known: linear, relu, sigmoid, tanh, …",
        "layer-name": "model net: it already has a layer called a; names are unique",
        "late-input": "model net: an Input can only be the first layer",
        "no-layers": "in net: model net has no layers; add some first",
        "no-call": "in idle: layer idle (Idle) does not override call(_:training:)",
        "loss-shapes":
            "categorical_crossentropy: targets of shape (5,) for predictions of shape (5, 3); integer labels need sparse_categorical_crossentropy",
        "labels": "labels of shape (3,) for predictions of shape (2, 5); expected (2,)",
        "sample-weights": "loss mean_squared_error: sample weights of shape (3, 2) for losses of shape (2,)",
        "optimizer-variables": "optimizer adam already belongs to other variables; make a new one",
        "optimizer-gradient": "optimizer sgd: a gradient of shape (3, 2) for matrix of shape (2, 3)",
        "optimizer-count": "optimizer sgd: 0 gradients for 1 variables",
        "optimizer-rate":
            "optimizer sgd: its learning rate comes from a CosineDecay and cannot be set; make the optimizer with a number to set it",
        "optimizer-clips":
            "optimizer sgd: only one of clipnorm, clipvalue and global_clipnorm can be set; found clipnorm 1.0, global_clipnorm 2.0",
        "optimizer-part": "optimizer lamb takes the norms of whole variables, and was given a part of matrix",
        "optimizer-shared-out": "optimizer adam holds a part of its state only; call gatherOptimizerState on all ranks first",
        "constraint-shape": "variable matrix: its constraint must keep shape (2, 3) and float32, and makes float32 of shape (3,)",
        "boundaries": "PiecewiseConstantDecay: 2 boundaries need 3 values, got 2",
        "normalization-rank":
            "in net/batch_normalization: BatchNormalization: expected an input of at least two axes, [batch, channels]; got (3,)",
        "normalization-input":
            "in norm: BatchNormalization: built for (2, 3), with 3 channels on axis 1; got an input of shape (2, 4)",
        "layer-normalization-axis": "in norm: LayerNormalization: axis 3 is out of range for shape (2, 3)",
        "layer-normalization-batch":
            "in norm: LayerNormalization: axes [0] of the input must be behind the batch, and of known length; got (2, 3)",
        "layer-normalization-input":
            "in norm: LayerNormalization: built for (2, 3), with lengths (3,) on axes [1]; got an input of shape (2, 4)",
        "groups":
            "in norm: GroupNormalization: groups must divide the number of channels, the length 4 of axis 1; got 3 groups for an input of shape (2, 4)",
        "groups-none": "GroupNormalization: groups must be positive, or -1 for one a channel; got 0",
        "unit-batch": "in norm: UnitNormalization: axes [0, 1] of the input must be behind the batch; got an input of shape (2, 4)",
        "normalization-alone": "Normalization: mean and variance must both be given, or none of them",
        "normalization-axes": "in norm: Normalization: axes [0] of the input must be behind the batch, and of known length; got (2, 4)",
        "normalization-mean": "in norm: Normalization: mean and variance of shape (2,) for axes [1] of an input of shape (2, 3)",
        "rescaling": "in scale: Rescaling: 2 numbers for the last axis of an input of shape (2, 3)",
        "noise-shape":
            "in drop: Dropout: noise shape (None, 2) for an input of shape (4, 3); each length behind the batch must be 1 or that of the input",
        "noise-length": "AlphaDropout: expected a noise shape of positive lengths, or nil for those of the input; got (None, 0)",
        "spatial-rank": "in drop: SpatialDropout1D: expected 3 axes; got an input of shape (2, 3)",
        "spatial-format": "SpatialDropout2D: expected a data format of channels_last or channels_first, got last",
        "gaussian-rate": "GaussianDropout: rate must be at least 0 and less than 1, got 1.0",
        "noise-deviation": "GaussianNoise: stddev must lie between 0 and 1, got 2.0",
        "affine-of-channels": "ChannelAffine: expected one number for each of the 3 channels on axis 1 of (2, 3); got shape (2,)",
        "metric-targets":
            "metric auc: targets of shape (2,) for predictions of shape (2, 3); one target is needed for each number",
        "metric-class": "metric precision: class_id 3 is not on the last axis of predictions of shape (2, 3)",
        "metric-top": "keepTopK: expected at least 4 float32 numbers along the last axis; found float32 (2, 3)",
        "metric-threshold": "TruePositives: thresholds must lie between 0 and 1, got 2.0",

        // Recurrent layers
        "recurrent-units": "LSTM: units must be positive, got 0",
        "recurrent-dropout": "GRU: recurrentDropout must lie between 0 and 1, got 1.5",
        "recurrent-input": "in lstm: LSTM: expected 3 axes; got an input of shape (None, 4)",
        "recurrent-width": "in lstm: LSTM: expected a last axis of length 4; got an input of shape (2, 3, 2)",
        "attention-mask":
            "in multi_head_attention: MultiHeadAttention: expected an attentionMask that broadcasts to [batch, heads, targets, sources] = (2, 2, 3, 3), its heads left out or not; got (2, 5, 3)",
        "attention-heads": "MultiHeadAttention: numHeads must be positive, got 0",
        "attention-lengths":
            "in multi_head_attention: MultiHeadAttention: expected value and key of the same lengths but for the last axis, and a query of the same batch; got (2, 3, 4), (3, 3, 4)",
        "attention-axes":
            "in multi_head_attention: MultiHeadAttention: expected attentionAxes between the batch and the last axis; got [2] for a query of shape (2, 3, 4)",
        "hashing-bins": "Hashing: numBins must be positive, got 0",
        "lookup-unknown": "StringLookup: b is not in the vocabulary, and numOOVIndices is 0; set it to 1 for tokens that are not known",
        "lookup-lengths": "StringLookup: samples must be of equal length; the first has 2, number 1 has 1",
        "recurrent-mask": "in simple_rnn: SimpleRNN: expected a mask of shape (2, 3), the batch and its steps; got (2,)",
        "recurrent-state-count": "in lstm: LSTM: expected 2 initial states, got 1",
        "recurrent-state-shape": "in gru: GRU: expected an initial state of shape (2, 2); got (2, 3)",
        "recurrent-several": "in lstm: LSTM: expected one input, got 2; first states are given as initialState",
        "recurrent-stateful":
            "in lstm: LSTM: stateful, it needs to know the size of all batches; give it to the model's input: Input([…], batchSize: 32)",
        "recurrent-stateful-batch":
            "in gru: gru/rnn_state: a batch of 3 samples, and states of 4; where states go on from batch to batch, all batches have as many "
            + "samples",
        "recurrent-twice":
            "LSTM gradient: second derivatives of recurrent layers are not supported; take first ones, on a tape alone",
        "bidirectional-directions":
            "Bidirectional: backward_layer: expected two layers of which one goes backwards; both have go_backwards false",
        "bidirectional-sequences": "Bidirectional: backward_layer.return_sequences: expected the same of both layers; found false and true",
        "bidirectional-states": "in bidirectional: Bidirectional: expected 2 initial states, those of both layers; got 1",
        "time-distributed-input": "in time_distributed: TimeDistributed: expected at least 3 axes; got an input of shape (2, 3)",

        // Graphs
        "graph-disconnected":
            "model net: the output of out depends on the input b, which is not among the model's inputs (a): the graph is disconnected; add "
            + "it to the inputs",
        "graph-no-inputs": "model net: it has no inputs; give at least one Input",
        "graph-no-outputs": "model net: it has no outputs; give at least one tensor that its layers compute",
        "graph-input-twice": "model net: the input a is given twice; give each input once",
        "graph-layer-names": "model net: two layers (Dense, Dense) are called h; names are unique in a model, so give one of them another",
        "graph-input-names":
            "model net: two layers (InputLayer, InputLayer) are called a; names are unique in a model, so give one of them another",
        "graph-rank": "in out: Dense: expected an input of at least two axes, [batch, inputs]; got (None,)",
        "graph-width": "in inner: model inner, input a: expected the shape (None, 3), got (None, 4)",
        "graph-operands": "in add: Add: expected shapes that broadcast; got (None, 3) and (None, 4)",
        "graph-merge":
            "in joined: Concatenate: expected inputs with equal lengths on all axes but -1; got (None, 3) and (None, 2, 3)",
        "graph-layer-width": "in shared: Dense: expected a last axis of length 3; got an input of shape (None, 2)",
        "graph-model-inputs": "in sum: model sum: expected 2 inputs (a, b), got 1",
        "graph-layer-inputs": "in out: layer out (Dense) takes one input; 2 were given",
        "graph-stack-inputs": "in net: model net: a Sequential takes one input, got 2",
        "graph-outputs": "layer fork (Functional) has 2 outputs; take them as [KerasTensor]",
        "graph-uncalled": "layer late: it has no output yet; call it on a symbolic tensor first",
        "graph-called-twice":
            "layer both: it was called 2 times, so it has no one output; keep the tensor of the call that you mean",
        "graph-several-inputs": "model sum: it has 2 inputs; take one of its inputs",
        "graph-several-outputs": "model fork: it has 2 outputs; take one of its outputs",
        "graph-output-shape":
            "layer liar (Liar): computeOutputShape declares (None, 5) for an input of shape (None, 3), its call gives (None, 3); correct the "
            + "one that is wrong, or leave computeOutputShape out",
        "graph-layer-at": "model fork: no layer at 4; expected a place from -4 to 3",

        "call-missing": "model sum: no input b among those given (a); give all of a, b",
        "call-unknown": "model sum: unknown input \"c\". Known: a, b",
        "call-count": "in sum: model sum: expected 2 inputs (a, b), got 1",
        "call-shape": "in sum: model sum, input b: expected the shape (None, 3), got (2, 4)",
        "call-rank": "in sum: model sum, input b: expected the shape (None, 3), got (2,)",
        "call-outputs": "layer fork (Functional) has 2 outputs; take them as [Tensor]",
        "add-loss-scalar": "in doing: layer doing: addLoss takes a scalar, got a tensor of shape (2, 3); sum it, or take its mean",
        "add-loss-outside": "layer doing: addLoss is for call(_:training:); call it there",

        "compile-losses": "loss: expected one for each of the 2 outputs (age, income), found 3",
        "compile-loss": "loss.ages: unknown output \"ages\"; did you mean age? Known: age, income",
        "compile-loss-name": "loss.age: unknown loss \"msw\"; did you mean mse? Known: BinaryCrossentropy, …",
        "compile-weights": "loss_weights.agee: unknown output \"agee\"; did you mean age? Known: age, income",
        "compile-weight-list": "loss_weights: expected one for each of the 2 outputs (age, income), found 1",
        "compile-metrics": "metrics.incme: unknown output \"incme\"; did you mean income? Known: age, income",
        "compile-metric-list": "metrics: expected one for each of the 2 outputs (age, income), found 3",
        "compile-metric-name": "metrics.age: unknown metric \"mea\"; did you mean Mean? Known: AUC, …",

        "file-class": "config.layers.1: unknown layer \"Dens\"; did you mean Dense? Known: Activation, …",
        "file-function": "config.layers.2.class_name: unknown function \"Addd\"; did you mean Add? Known: Absolute, …",
        "file-layer": "config.layers.2.inbound_nodes.0: unknown layer \"hiden\"; did you mean hidden? Known: a, age, hidden, income",
        "file-call":
            "config.layers.2.inbound_nodes: expected a call of layer hidden below 1, counted from 0; found 3, which layer age takes",
        "file-output": "config.layers.2.inbound_nodes.0: expected an output of layer hidden below 1, counted from 0; found 1",
        "file-cycle":
            "config.layers.1.inbound_nodes: layers hidden, age need each other's outputs, around in a circle; expected a graph without cycles",
        "file-names": "config.layers.3: the name \"age\" is taken by another layer",
        "file-end": "config.output_layers: expected a call of layer age below 1, counted from 0; found 1",
        "file-no-ends": "config.input_layers: expected the model's tensors as [layer, call, output]",
        "file-disconnected":
            "model sum: the output of add depends on the input a, which is not among the model's inputs (b): the graph is disconnected; add "
            + "it to the inputs",
        "file-explosion":
            "config.layers.1.inbound_nodes.7: the model has more than 10000 calls of layers, those of the models in it included; expected "
            + "fewer",
    ]

    func testMessages() throws {
        let names = try run().output.split(separator: "\n").map(String.init)
        XCTAssertEqual(Set(names), Set(messages.keys), "main.swift of FailureChecks and this table name the same errors")
        for name in names {
            let child = try run(name)
            let want = "lockstep: \(messages[name] ?? "")"
            if want.hasSuffix("…") {
                // What follows depends on the host, or is a long list. One line.
                XCTAssertTrue(child.errors.hasPrefix(want.dropLast()), "\(name): \(child.errors)")
                XCTAssertEqual(child.errors.split(separator: "\n").count, 1, name)
            } else {
                XCTAssertEqual(child.errors, want + "\n", name)
            }
            XCTAssertEqual(child.status, 3, name)
        }
    }

    /// Keras' warnings: one line each, once a process, and none where Keras has none.
    func testWarnings() throws {
        let child = try run("warnings")
        let want = [
            "binary_crossentropy received from_logits=True, but the predictions were produced by a Sigmoid activation and thus are not "
                + "logits; leave out from_logits, or the activation",
            "categorical_crossentropy received from_logits=True, but the predictions were produced by a Softmax activation and thus are not "
                + "logits; leave out from_logits, or the activation",
            "sparse_categorical_crossentropy received from_logits=True, but the predictions were produced by a Softmax activation and thus "
                + "are not logits; leave out from_logits, or the activation",
            "a softmax over the last axis of a tensor of shape (None, 1), which has length 1, is 1 whatever its input; did you mean to use a "
                + "sigmoid instead?",
            "categorical_crossentropy: expected predictions of more than one class, got the shape (None, 1); use binary_crossentropy if "
                + "there are only two classes",
            "Adam: beta_1 is 1.0; it makes sense if at least 0.0 and less than 1.0",
            "RMSprop: rho is 1.5; it makes sense if at least 0.0 and at most 1.0",
            "Lamb: epsilon is -1.0; it makes sense if at least 0.0",
            "BatchNormalization: momentum is 1.5; it makes sense if at least 0.0 and at most 1.0",
            "BinaryCrossentropy: label_smoothing is 2.0; it makes sense if at least 0.0 and at most 1.0",
            "RandomNormal: stddev is -1.0; it makes sense if at least 0.0",
            "L1L2: neither l1 nor l2 is given, so it penalizes nothing; both are 0 by default",
            "MaxNorm: max_value is -1.0; it makes sense if at least 0.0",
            "MinMaxNorm: max_value is 0.5; it makes sense if at least 1.0",
            "MinMaxNorm: rate is 2.0; it makes sense if at least 0.0 and at most 1.0",
            "layers of the type mixed_float16 are computed in float32 here, and saved as such",
        ]
        XCTAssertEqual(child.errors.split(separator: "\n").map(String.init), want.map { "lockstep: warning: \($0)" })
        XCTAssertEqual(child.status, 0)
    }

    /// Unless a program says otherwise, a message of one line ends the process, and what it printed before is there.
    func testAsShipped() throws {
        let child = try run("assign", "as-shipped")
        XCTAssertEqual(child.errors, "lockstep: \(messages["assign"]!)\n")
        XCTAssertEqual(child.output, "before\n")
        XCTAssertEqual(child.status, 2)
    }

    private func run(_ arguments: String...) throws -> (status: Int32, output: String, errors: String) {
        let process = Process(), (output, errors) = (Pipe(), Pipe())
        // Beside the test bundle.
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        process.executableURL = products.appendingPathComponent("FailureChecks")
        process.arguments = arguments
        process.environment = ["SWIFT_BACKTRACE": "enable=no"]
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let texts = [output, errors].map { String(decoding: $0.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }
        process.waitUntilExit()
        return (process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, texts[0], texts[1])
    }
}
