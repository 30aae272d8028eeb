/// One movement of the pen: points on a grid 10 wide and 14 high, x to the right, y down.
struct Stroke {
    /// A smooth curve through the points (Catmull–Rom) or straight lines between them.
    let isCurve: Bool
    let points: [SIMD2<Float>]

    static func curve(_ points: (Float, Float)...) -> Stroke { Stroke(isCurve: true, points: points.map { SIMD2($0.0, $0.1) }) }
    static func lines(_ points: (Float, Float)...) -> Stroke { Stroke(isCurve: false, points: points.map { SIMD2($0.0, $0.1) }) }

    /// The ways in which each digit is written; a drawing has at most `mostPoints` points.
    static let styles: [[[Stroke]]] = [
        [  // 0: upright; slanting and not quite closed
            [.curve((5, 0), (8, 2), (9, 7), (8, 12), (5, 14), (2, 12), (1, 7), (2, 2), (5, 0))],
            [.curve((6, 0.5), (2.5, 2.5), (1.5, 8), (3, 13), (6, 13.5), (8.5, 9), (8, 3), (5, 0.5))],
        ],
        [  // 1: a bar; with an upstroke; with a foot too
            [.lines((5, 0), (5, 14))],
            [.lines((2.5, 3), (5.2, 0), (5.2, 14))],
            [.lines((2.5, 3), (5, 0), (5, 14)), .lines((2, 14), (8, 14))],
        ],
        [  // 2: with a flat foot; with a loop
            [.curve((1.5, 3), (3, 0.5), (6, 0), (8.5, 2), (8, 5), (5, 9), (1, 14)), .lines((1, 14), (9, 14))],
            [.curve((1.5, 2.5), (5, 0), (8, 2.5), (6.5, 7.5), (3, 12.5), (1.2, 13), (1.5, 11), (4, 11.5), (9, 14))],
        ],
        [  // 3: round; with a flat top
            [.curve((1.5, 1.5), (5, 0), (8, 2.5), (7, 5.5), (4, 6.8)), .curve((4, 6.8), (8, 8), (8.7, 11), (5.5, 14), (1.2, 12.5))],
            [.lines((1.5, 0), (8.5, 0), (4.5, 5.5)), .curve((4.5, 5.5), (8.5, 8), (8, 12.5), (4.5, 14), (1, 12.5))],
        ],
        [  // 4: closed; open
            [.lines((6.8, 0), (1, 9), (9.5, 9)), .lines((6.8, 0), (6.8, 14))],
            [.lines((2, 0), (1.5, 6.5), (8.5, 6.5)), .lines((8, 0), (7.5, 14))],
        ],
        [  // 5: angular; in two round strokes
            [.lines((8.5, 0), (2.5, 0), (2, 6)), .curve((2, 6), (5.5, 5), (8.7, 8), (8, 12.5), (4.5, 14), (1, 12.5))],
            [.lines((3, 0.5), (8.5, 0)), .curve((3, 0.5), (2.2, 5.8), (6, 6), (8, 9.5), (6, 13.5), (1.5, 13.2))],
        ],
        [  // 6: round; with a straight back
            [.curve((7.5, 0.5), (3.5, 4), (1.5, 9), (2.5, 13), (6, 14), (8.5, 11), (7, 8), (4, 8), (1.8, 10.5))],
            [.curve((5.5, 0), (2, 7), (1.6, 11), (4.5, 14), (8, 12), (7.5, 8.5), (4.5, 7.8), (2, 10))],
        ],
        [  // 7: angular; with a bar; bent
            [.lines((1, 0), (9, 0), (4, 14))],
            [.lines((1, 0), (9, 0), (4, 14)), .lines((3, 7), (8.5, 7))],
            [.lines((1, 1), (8.8, 0.5)), .curve((8.8, 0.5), (6, 6), (4.6, 10), (4.2, 14))],
        ],
        [  // 8: in one stroke; two rings
            [
                .curve(
                    (7.8, 1.8), (5, 0), (2.2, 2), (3, 5), (6.8, 8.2), (8.5, 11.2), (5, 14), (1.5, 11.2), (3.4, 8.2), (7, 5), (7.8, 1.8))
            ],
            [
                .curve((5, 0), (7.8, 1.8), (7.5, 5), (5, 6.5), (2.5, 5), (2.2, 1.8), (5, 0)),
                .curve((5, 6.5), (8.5, 8.5), (8.5, 12), (5, 14), (1.5, 12), (1.5, 8.5), (5, 6.5)),
            ],
        ],
        [  // 9: with a straight stem; with a hook
            [.curve((8, 3), (5.5, 0), (2, 2), (2, 5.5), (5, 7), (7.8, 4.5), (8, 2.5)), .lines((8, 2.5), (6.8, 14))],
            [.curve((8, 3), (5.5, 0), (2, 2), (2, 5.5), (5, 7), (7.8, 4.5), (8, 2.5)), .curve((8, 2.5), (8.2, 9), (6, 13.5), (2.5, 13))],
        ],
    ]

    static let mostPoints = 16
}
