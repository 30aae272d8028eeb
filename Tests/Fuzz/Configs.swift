extension Corpus {
    /// Runs of a fraction of a second, with every section and most of what may stand in it.
    static let configTexts = [
        """
        model:
          layers:
            - Flatten: {input_shape: [28, 28]}
            - Dense: &hidden {units: 4, activation: relu, kernel_initializer: he_normal}
            - Dense: {<<: *hidden, units: 3, kernel_regularizer: {L2: {l2: 1e-3}}, activity_regularizer: l1, kernel_constraint: {MaxNorm: {axis: [0]}}}
            - BatchNormalization: {momentum: 0.9}
            - Dropout: {rate: 0.5}
            - Dense: {units: 10, activation: softmax, name: answer}
        data:
          train: {digits: {count: 40, seed: 1}, take: 32}
          validation: {split: 0.25}
          test: {digits: {count: 8, seed: 2, split: test}, scale: 255}
        compile: {optimizer: {Adam: {learning_rate: 1e-2, beta_1: 0.9}}, loss: sparse_categorical_crossentropy, metrics: [accuracy]}
        fit: {epochs: 1, batch_size: 16, shuffle: true, seed: 1}
        callbacks:
          - EarlyStopping: {monitor: val_loss, patience: 2, min_delta: 0.1, restore_best_weights: true}
          - ReduceLROnPlateau: {factor: 0.5, patience: 1, min_lr: 1e-5, cooldown: 1}
          - CSVLogger: {filename: log.csv}
        distributed: {logical_shards: 2, watchdog_seconds: 300, desync_check_steps: 10}

        """,
        """
        model: {class_name: Sequential, config: {name: s, layers: [
          {class_name: InputLayer, config: {batch_shape: [null, 28, 28], dtype: float32, name: x}},
          {class_name: Flatten, config: {name: f}}, {class_name: Dense, config: {units: 10, activation: softmax, name: d}}]}}
        data: {train: {digits: {count: 16}}}
        compile:
          optimizer:
            class_name: SGD
            config: {learning_rate: {class_name: CosineDecay, config: {initial_learning_rate: 0.1, decay_steps: 10}}, momentum: 0.9, clipnorm: 1}
          loss: {SparseCategoricalCrossentropy: {from_logits: false}}
          metrics: [accuracy, {SparseTopKCategoricalAccuracy: {k: 3}}]
        fit: {batch_size: 8}

        """,
        """
        # Aliases, merged keys, the environment.
        model: {layers: [{Input: {shape: [28, 28]}}, Flatten, {Dense: {units: 10, activation: "${ACTIVATION:-softmax}"}}]}
        data: {train: &some {digits: &digits {count: 8}}, validation: {<<: *some, take: 4}, test: {digits: {<<: [*digits, {seed: 3}]}}}
        compile: {optimizer: {RMSprop: {rho: 0.9, centered: yes, weight_decay: 1e-4}}, loss: sparse_categorical_crossentropy}
        fit: {epochs: 1, batch_size: 4, shuffle: false}
        callbacks: [TerminateOnNaN]

        """,
        """
        model:
          class_name: Functional
          config:
            name: graph
            layers:
              - {class_name: InputLayer, config: {batch_shape: [null, 28, 28], dtype: float32, name: x}, inbound_nodes: []}
              - {class_name: Flatten, config: {name: f}, inbound_nodes: [[[x, 0, 0]]]}
              - {class_name: Dense, config: {units: 10, name: d}, inbound_nodes: [{args: [[f, 0, 0]], kwargs: {training: true}}]}
              - {class_name: Functional, name: m, inbound_nodes: [[[d, 0, 0]], [[m, 0, 0]]], config: {name: m, layers: [
                  {class_name: InputLayer, config: {shape: [10], name: y}, inbound_nodes: []},
                  {class_name: Activation, config: {activation: softmax, name: s}, inbound_nodes: [[[y, 0, 0]]]}],
                  input_layers: [y, 0, 0], output_layers: [[s, 0, 0]]}}
            input_layers: [x, 0, 0]
            output_layers: {answer: [m, 2, 0]}
        data: {train: {digits: {count: 8}}}
        compile: {optimizer: sgd, loss: {answer: sparse_categorical_crossentropy}, loss_weights: {answer: 0.5}, metrics: {answer: [accuracy]}}
        fit: {epochs: 1, batch_size: 4}

        """,
    ]
}
