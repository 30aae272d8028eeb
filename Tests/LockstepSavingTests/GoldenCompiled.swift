// Made by golden_compiled.py; do not edit.
// Keras 3.15.1.

/// Model files, gzipped, as base64, with the weights and iterations that Keras has for them.
enum GoldenCompiled {
    /// An optimizer that is not known.
    static let muon = (
        file: """
        H4sIAAAAAAACA+1cTWwTRxRe20kxoagBIYUgWoxVRCjE+DdxEgmCGkKq0GIVKkWlYTNeT+yF9a7Zn+CAoiJVqOmtt0Y9cUSih6rtIVKlNKpU
        qcceeugxUttDi6Jy6K2V6MzszHp3YzsmBELKPLGazLw3+2be++bN29nFufFQ2z7BpsPCoQ8uacPoL3ztRlcZmqAATBC7amjqreg1qANDnIG6
        IWtqdDASTcUSmVgieiISRVJQNMAMLOD2ZDzZ15tI9Cb7huOZwVRiMBWPzuU8qvTX+651dQgCvnahFklTp+UiVVTWCpYC8Z2ISqxAUoBhiCoo
        k+aL8LoFVVMGCuGRvqj9VpQJGB4BUweyCvLklqZuQTxgc7YCSZd1lY1cQqI5TZGl2QbaphUNmKlkdA6xdViUDRPqsMBuoFqKghhGCeBGLX8V
        SqYoY0MlUgPZeDabTGaS8b5MH+6ugFlkX8S7vGZkMcpbM8C31IplnsdM3/jywJRKIlJMpnrZHkgS/Zt0WcAZPR5jBegGbpwGioHNpINikfiU
        NTCdMtYpKkypVjERJpC1qWRjSyBO6zMbVYBpQrWh2R3u1nt4zl4FQJzW9DIwcSepBFQVKgYyk2E2B0fekpWC6FJs27ee6+Yey4IjUEUOrT+p
        AuNto/VhqbKJlwcyRRRIpjwDTBqMDG3aLIMqHoJlQDEvA6M2HTR05AlRRr1RTJBvItTWmVvMxa8z0XOKpmvme6qMXeybqgHJMqFzsb0HqtCo
        tWmW6WtsDiY8gScc8PtQ1wzvQJvrpGZCApYCdKqVQRSPpy6H9kJKDIIk09epHuO6BVB4vkm8V8N9c6u0vE7SaJFMOtJNltJmLUli4nJFVqC7
        Aw6K5Yauc7h1HPe2pTUKemXKUiDQVVktijraehEjHovHE3Gb0v3pgf50JpFCcjegXCyZYgFKYJaKpYk+uaJiGDvzLSpaHiAvrmHglhmgWC7b
        4AUGy8C1L6CaWNbKaM+1ykTNwABt1VDCcEOXUX4wrZNdWZqt3UjR0KwNCSDDTaPlrLlQVdRBQUb3E4EkWWWEOgIV5KqKa1Gh9KQs5lGaIiZs
        rZ62JB0JGUrFkBUSKRKwN96PW6qSYhWgWNtyMWawfUU8s1QsnU5nWEsetfSmY/39TouEo1AsnkpkmE5Fx86QNawDS3nMgaVUwxk/qUIMPG2m
        FqbYkGA5DwsF5F1XCCMqGnhTLxs1HCSbr3FschIvyV4vSqhbUdNlCfsehQsDjVnXKiSUE+/YKl02R1khEicGi2Lf6AB5dNKBGtJYk6BddEsV
        IShCXZl1YYbYQqxAXYRVKFk0kGPTXZVNkS4oaoA5V/741/Gbk98celApDQkCvjpxqqoVoBKjY42VMp+MjYzu7jjQQTqEw0IbkarRI0q4v7vO
        +FO0DNBynpb3gqw9QHj7afseen+/3KV3z57F0o98xPSstNtlWOD0ItLY2TM5XE7Qeg8tfwx65WbQYsWlHawEwdk9fDiNt6g3IIQ8+O2k+O3Z
        4cW/jV+hIX45cfy68cvi2Hy7H2825TZJ78V3LoxgDLOoPt/l1fMlrf/UbZcM55Ver9wCrS+e9I4/EvLKjdF6qf3/5T+2b/nn9zI5BMLzbxf2
        IavgJALXuwMB0qPTsU3YYye84c7vqNnu3JsXzgcE2sEnh6l2UGPXWdijtxDoM75Ahycw85NnV1S20TorcWrmnt/8K3yNcuLEiRMnTpw4ceLE
        iRMnTk+bGp2T+89n1jsnD78quE4bOL1o5D9nZHh62O2VY+dF7HyInTcNbzJ+Kwfs+qcHW8Nv52GOX47fGn7ZufWXB71y7D2Pc+78hHrtc/Kg
        o28xynBt0wqtC0e8+Bw74JXz4/3F28fqvy+boPabEtxxgL8v49RaHGDrbTHix5tNm/u+LODoy73m1VOl9YUI91EzYvu/314bfV+G33Ox92XB
        JvmGP06vl29ke3i+wePM2nwjcuTp5huN9snbx+rtk03y5ePecXPiz3skDh71yrHvnRK+fXOjz3v+fbJ6xHvfu7S+fJT7qJV90m+vje6T7a59
        MkT7B1wCAfrlXCBoN7DvQdj3JP56CCEKS+6JHKK8iNAVFro+dPSFCT8YtG8YpggMBR6+QSOpb8bVLbX3D0n99G9G6NTSPx8vfX//3Ok9v66c
        Wtz7+9LOz88sFb+e/I49BzJcrxxrfj8WdydOcCx79zc/7mxcBAIBD76eHGel3voZ3PxzZY/VO1e+fXDnylCjvNX/fd16+/7DJM9b+b6/Nm/9
        5eTW5K3Z9OPlrV9k7LKHu5Lj15WfLiSb562MnaJl2pfProcnf94aj3v7T9B6Ncl91Ere6rfXRvPWNlfe2lY3f/DK4y/a8d+dYcHJF5rnCfcy
        3gyX0d1tYe+dDnbbHewupFvLTf/uay7HYnk421yOZfLZgeZybA3mBrdLburH1kZz0bZsfYwtPNfY0vZ+NLh1z4n7B57H58TVqV3D6Fqe+rd7
        GF3LP3/WM4yu5bFU//Boqn/52T3fjA1uh+ebP1fHT/2xOr707OwyNbQd7BJbCQ/hKzceCO4LNf4JGUa3ySw9Pyjj7+r/SZha12uC5wdi3B3r
        /V/gWsf7HWv/Z3BuvP0l20Mh4StUnhnFtf8A9ldlDAlHAAA=
        """,
        weights: [
            [0.9460872, 0.12837178, -0.26559252, 0.77996457, 0.43923238, -0.44740844, -0.18906416, -0.8660187],
            [-0.0033954338, 0.0033954333],
        ] as [[Float]],
        iterations: 9
    )
    /// An option of an optimizer that is not known.
    static let scaled = (
        file: """
        H4sIAAAAAAACA+1cTWwTRxTetZNioAgjIVEQP8ZSBBRivI6TJkiF0AZIBSpWSaWoNFom67G9sN41+xMcUFqO6a3HHDn0QCWk0qqtOKU9FolK
        7a0/UsWtx+bQYyU6Mztj74x/YkIoUOYp1nrmvZn35s03897Oblw4G+/broS0X9n34ZQzjr7hzxb0qUIfFIEPMpc9x76RvgJd4Olz0PVMx04f
        S6WHMtpwRksfSaWRFNQ9MAeLuD6XzY0MatpgbmQ8O3xsSDs2lE0vFDhVe3Of/bFno6Lgz2ZUYzh2ySxTRVWnGFgQ90RUYgWGBTxPt0GVVF+A
        VwNo+yawCI+0RfU30kzA4wR8F5g2mCVd+m4AscH+fA2SJqsqm5hCogXHMo35DtpKlgP8oVx6AbFdWDY9H7qwyDqwA8tCDK8CcKUzexkavm5i
        R2lDY6PZ0bGx4TdG8pqWw80tMI/8i3gXWyzLUF6Lge/YtcA/h5mCfbPANyo6UkyGejE0JIf+ZiIeaFiPbawB18OVJWB52E0uKJfJnLIKptPE
        OnWLKXVqPsIE8jaV7OwJxOl9ZKct4PvQ7uj2BvfZz/BCuAqAXnLcKvBxI6MCbBtaHnKT53cHx2xgWkU9ojj0b7upW3gsD05AG01o+0EVGe8F
        Wh+Bbfp4eSBXpIHhm3PAp5uR55T8KqhjEwIP6rMm8JrDQaajmdBN1BrtCeZ1hNo2Y8tE+G0GesZyXMd/3zbxFAtD9SBZJnQs4eyBOvSadU7g
        C5XdwYQH8IQGfwBdx+MN7a6TugkJBBZwqVYGUWxPWw5thZR4BEm+0Kgd42oA0PZ8ncxeE/fdvdLzOsmjRTLTkO6ylNZrSRIXV2umBaMN8KZY
        7Th1DW67+HZmolNgKxcxx4LAtU27rLso8KL6bEbLhqTlx7KaNqLhBXINmuWKrxehAeabAzMss2ZjBDdqypYzC9AEtjBwzRywgohb8NqCVRAJ
        CaikV50qCrdBlZgyNkZrHZQrXHNNlBqUXBKQjYgZloMG7BkA+ayEVrKDvZTPZLE5LiiaqDsdGEZQRXgjIEGTVIssJ04jbmVDPI3OXE8hiGgn
        /iQRTzeQG8uOaxrYDWjReKhv16mRDY0YGroyqh/6SJxE6jS20wVocDMNpyONTQnaxA1sHYIydK35iPvIuPQadHVYh0ZAtzMNcS6bvk5hRXey
        hUgW9dfh6zPXxu9/lBhVFPxJ4oTNKUIrQ23NVIY/mZw4vWXTrk2kQSKh9BGpJj2ihNtHy4x/iV5Vel2k19sxVq8S3mu0fhvtX5Sbeu/UKSz9
        SCCm52F/eE0okl5Gmjx1soCv07R8kF5/iPFyc2ix4muY7ShKYw8VcJrtUa+qxDn8Jil+D27g8R/iV+mIX0kSv1H8sn1ssV/EW0iFddJ74d3z
        ExjDbFdf3MHruUvLP+0MrwzntUFebomW7x3l7U/FeblJWq70/7/mj8UtcXyvkqMQPP5+ZTvyCk4icHmnqpIWyYZvEpyfcMBd3ND03Zm3z59T
        FdpAkMPUPK4Iy2zbo10o9E5XoeYpzP3kDg5d+2iZ8VGWyI1vcatco5IkSZIkSZIkSZIkSZIkSdLTpk7n5OL5zGrn5Ik9SuS0QdLLRuI5I8PT
        yk5ejp0XsfMhdt40vs74re0Ky5/u7g2/yf0SvxK/Tfyyc+u7u3k59pynce78hHrDc/JYQ9+9NMN1SA9pWRng8Tm5i5cT8f7yxbH2z8umqf8u
        KdF9QD4vk9TbPsDW272UiLeQ1vd5mdrQV9jL66nT8lJKzlE3YvFf9Ndan5fh51zseVmsS74h7tOr5RujB2W+IfeZ1nwjNfB0841OcfLmoXZx
        sku+fJi3W5K83yP74AFejr3vpAlxc633e2KcrA/w/d6i5e8PyDnqJU6K/lprnOyPxMk4ba9GBFT65pwaCyvYeyHsfRKxHEeIwpLbUvsoL6Xs
        SCg7Pm7oSxB+LBZ2mKAIjKsrr9OdVBhx/Zn6+5vP3zox8POt4/e3riz/8+2NE1N39ONfb64sJ3/9bfn3L1LfsftAhuuHh7r3x/bd6SMSy3x8
        E3EX4kJVVQ5fT46zymD7DG7xufLHkSC/jD7HO+Wt4vt1q8X9lZzMW2Xcb81bfzn6bPLW0fzj5a13hmXeKvHbmrcu5f7bvDWb5fudpuV6Ts5R
        L3mr6K+15q3xSN7a1zZ/EOWT5HsyoTTyhe55wu1hPsNldOuF8PdGpfmMgmF3Kd9bbvr3iMRr99xUxNZac9G+0fYYW3qu/fHjgwdvFs6qse3x
        zj/0wOgmGTH3sw9iU/GHG5pNryjczzhEG7b7X8Vmwy83tv7nYuFs/yvhbMWVr9D1z5O49C8i2PHQr0IAAA==
        """,
        weights: [
            [0.760402, 0.31409565, -0.46887043, 0.98326087, 0.21843082, -0.22660714, -0.4274373, -0.62768334], [-0.17622823, 0.17622823],
        ] as [[Float]],
        iterations: 9
    )
    /// Weights of losses, which are not known.
    static let lossWeights = (
        file: """
        H4sIAAAAAAACA+1cTWwTRxRe2wk4/KihQgqktBhLlFCI8U+c2A7hRyQQBC1WoVIEhGWyHtsL612zP8EBRUXqJe2hRaqEcivqpRx6QFUPSCiB
        Y8Wp4lIQUoWqqtdy6K0HOrM7Y+9u7I0JgSTNPGU0mXlv5r15883M21nb2ROBls2cRTu4rt5b8iH0H04bUSpBHeSADiKXNEW+Hr4MVaDx41DV
        REUOZ0LhRCSWjMTCe0NhJAV5DYzDHK6PR+O93bFYd7z3UDSZScTQX3gy61A1cOvU90NtHIfTelQjKHJeLBBFJSVnSBD3ZKrECgQJaBovg5JZ
        fRpeMaCsi0AyeWZbVH89TAU0h4CuAlEGY2aXumpAbLA+UYZmk3mVDZ5BollFEoWJBtrykgL0RDw8idgqLIiaDlWYox3IhiQhhlYEuFIZuwQF
        nRexo2KJdCqaSiUSffFUMp7CzSUwgfyLeOfmWBYhvDkGHpfLhn4SM132jQFdKPJIsTnUc5YhcfQ3avNA1XpsYxmoGq7MA0nDblJBoWDOKa2g
        OkWsk5eoUqWsI0wgbxPJxp5AnOZHdlQCug7lhm6vcpd+hietVQD4vKKWgI4bCUUgy1DSkJs03RscY4Yo5XibYsu/9aZu8pU8OAhlNKH1B5Wj
        vBW0PgxZ1PHyQK4IA0EXx4FONiNNyeslUMEmGBrkx0Sg1YaDTEczwYuoNdoTxGsItXXGFrHx6wz0mKSoiv6ZLOIpdg1Vg+YyIWOxZg9UoFar
        UwzdVekNJjyA1zT4LFQVzWmot07iJiRgSEAlWilEsT11OaQVUqKZSNJdjeoxrhgAbc/XzNmr4d7bK02vkx60SEar0h5LabGWpOniUlmUoL0B
        3hRLDaeuyq0zcYdzoNRgLQHCkiBQZVEu8Co6ehEjGolGY1GLevp60n09yVgCyV2FYqGo8zkogIna4ARJLMsYxdWagqSMATSJcxi4ZhxIhs01
        eH3BErAdC6jEl5QSOnKNkmlMOk1qFRQvXFVFFB7kVfNQFmxmSAoatCYA5Lc8Ws2KDVQFFeRE1B8PBMEoIdCZSEEzVbatqTEUoPAxSyEtxol+
        04CyJkrm9hCD3dE+vGeUNNxzU+eUaR6eanIu8gJydUFRRQE7Ci0tDdmnKuWJ8Cgdi+Vts1E0ksTVKIZCDaxu8FBUIFjylihSWpMgo1INmYeg
        AFVpwuZic+h8Gao8rEDBINteDHEuiTpP4Ed2vElbtPX3nmuj6tfj26b3cxxO7TiwU3JQihBjI8Xkl8ODRzeu61xnNggGuRZTqkYvCeH29jLl
        XyS5j+RTJL/jp/U+k7eF1G8i/bvlznw6NISlX7qI6nneauVBjtFqpOGhw1mcj5ByF8l/8TvlxtFyxbkVFXFcda914TTapF4fF3Dgt53gt2ut
        E/8WfrmG+GXE8GvHL93HplrdeLMou0h6T39yahBjmO7qUx1OPXdJ+detVk5xXu52yk2T8r19TvtDAafcMCkXW/9f80fPLff4NphXJnj8rdxm
        5BUcR+DyVp/PbNFe9U3Q4Sd84E6trfnu2JFTJ30caeCSw1S71rDKdNsjXXDkiZgj5nHU/eaTHspbSJnmOJi0j2/qHbZGGTFixIgRI0aMGDFi
        xIgRozdNje7J3fcz892TB9/nbLcNjFYbue8ZKZ5ebHXK0fsiej9E75sOLTJ+y51W+ea25vDbvoPhl+G3hl96b313m1OOvuep3ju/pl7rntxf
        1XcvTHFt0XNS5nY68Tnc6ZRz4331nWP135eNEP9d5Oz7AHtfxqi5fYCut3shN94sWtz3Zb6qvuwHTj0VUp4OsTnyInr+u/210Pdl+D0XfV/m
        94g33Pv0fPFGqovFG2yfmRtvhHa+2Xij0Tl5Y3e9c9IjXt7jtJsRe94z98FdTjn6eaeY69xc6POe+5ys7HT2e5uUH+5ic9TMOen210LPyVbb
        ORkg7X02AR/55JzPb1XQz4PQz5O4ywGEKCy5KbSd8EJcR5Dr+LyqL2jy/X6rwyBBYMD34iOyk7pGXFlSf/c/LR+M/xk8wP381WxH2/GD30Z+
        P3Dkwh+zleCx2eGz5x/Q50CK6+e7vfuj++7IXoZl5/nmxp2FC5/P58DX6+Os2F0/gptaVv547/yF+53nL/Q3ilvdn6+b79x/EWdxKzv358at
        T/YtTdya6nm1uPXHpDMuYbS68Zsi+XTcO26l7ATJCey4pCuuDTUZt0ajznYjpFyJszlqJm51+2uhcWuLLW5tqRs/OOXxJ9rx/+1BrhoveMcJ
        d5LOCJfS7RXh77YqdtdUsTvd01xs+k+vtxzdy4Mpbzm6plJpbzn63ZxixluOru0b/Usdm7qxtdBYtCVVH2PTyxpbyrtfZJbuOXFLejk+J/4W
        nx14Ep+deVh5PPCg8njmh9m/BlCa+abl3wGUZpbOX8OZ5egv4+NnaQ2lD0daMzh1Pdie2YXS7LP9mRmU3t7zYKV/JTwPbrj/aGD9/Uczb88v
        N/evBL+kr67NpFDKnvD5Nwca/0ANpRvmKB0/V+Nu6v7BmVrTy5zj52fsDet9d7rW8Gnb3G9SZ0+0rrFmKMD9hPLvjuLSf+2NmlpnRwAA
        """,
        weights: [
            [0.9408147, 0.133683, -0.27090454, 0.78529495, 0.43394908, -0.4421254, -0.19436824, -0.8607526], [-0.003392941, 0.0033929409],
        ] as [[Float]],
        iterations: 9
    )
    /// Loss, metric and activation given as functions of Keras.
    static let functions = (
        file: """
        H4sIAAAAAAACA+1czW8TRxRf2wmYAGqokCAIirGUAoUYf8SJnSADakLCR4sFVIpIwzJZj+2F9a6zH8EhikDqJe2horfcyqVSDz2gqgektIZj
        1ROXIiqkClX9A3KoeqUzuzP27vojJgSSNPOU0WRm3sx7895vZt7O2k5f8LXt5iw6xE3NP5VOo/9w2olSAeogA3QQuqkp8mzwFlSBxk9DVRMV
        OTgQCMZCkXgoEjweCCIuyGtgGmZwfTQc7euJRHqifafD8YFYZCAWDc6lHaL6Dzz7d3sHx5kJ1QiKnBVzRFBByRgSxCOZIrEAQQKaxsugYFZf
        gVMGlHURSGab2RfVzwYpg+Zg0FUgymDSHFJXDYgV1meK0OyyrLChq4g1rUiiMNNAWlZSgI7niJpVmBM1HaowQweQDUlCDVoe4Epl8iYUdF7E
        horEkolwMhwOx5KxvkQYd5fADLIvahuv0SxE2moUPCcXDf0ibnTpNwl0Ic8jweZUxy1FouhvwmaBivZYxyJQNVyZBZKGzaSCXM70Ka2gMkUs
        k5eoUKWoI0wgaxPOxpZALa3P7KwEdB3KDc1eaV17D89ZqwDwWUUtAB13EvJAlqGkITNpenNwTBqilOFtgi371nPd3GtZcAjKyKH1J5WhbRto
        fRiyqOPlgUwRBIIuTgOdbEaaktULoIRVMDTIT4pAq04HqY48wYuoN9oTxDsItXXmFrK115noiKSoiv6ZLGIXu6aqQXOZkLlY3gMlqFXrFEN3
        VTYHE57AGyp8DaqK5lS0uUxiJsRgSEAlUilEsT51W0gvJEQzkaS7OtVrmDIA2p7vmN6r4r65VVpeJ71okUxUuJsspdVakqaJC0VRgvYOeFMs
        NHRdpbWO485kQKHBWgKkSYJAlUU5x6vo6EUN4VA4HAlb1Nvfm+zvjUdiiO82FHN5nc9AAcxUJydIYlHGKK7U5CRlEiAn1jTgmmkgGTbT4PUF
        C8B2LKASX1AK6Mg1CqYyySSpVVC8cFsVUXiQVc1DWbCpISlo0poAkN2yaDUrNlDlVJAR0Xg8EASjgEBnIgV5qmhbU5MoQOEjlkBajBL5pgJF
        TZTM7SECe8L9eM8oaHjkls4pUz2X7zAqdFGu47OsIQvmXmT3GzlReQE5KaeoooBNjBalhmamKkVzw6yVXx2LasFbbrRNHcVmaLiaSGEV9MMG
        V4GwvG4TFXih5qo+REHVkHkIclCVZmxAMR3IF6HKwxIUDLJ5R1DLTVHnySIi+/acLWZcOnZn4u7wk98WTnIcTp04PFUyUAoRy4Ty8S9Hh87u
        7NjXYXbw+7k2k6tKrwjh/vYybb9Bcg/J50n+vZfWe8y2vaR+FxnfzXf18vAw5n7lIirnZbuV+zlGm5FGh8+kcT5GykdI/qvXyTeNlibOrdiO
        4yonhgun4RblejifA7+dBL9Htjrxb+GXa4hfRgy/dvzSfWy+3Y03i9KrJPfKp5eGMIbprj6/xynnISk/7bJyivNij5NvgZQfnXDqH/A5+UZJ
        Od/+//IfPbfc89thXvzg+bdzu5FV8ImPy10ej9mjs2Ibv8NO+MCd31q13cjHly56ONLBxYepejljlem2R4bgyHM9R9TjqPnN51WUt5EyzXFI
        bJ/f/HtsjTJixIgRI0aMGDFixIgRI0Zvmxrdk7vvZ5a7J/cf4Gy3DYw2G7nvGSmelrqcfPS+iN4P0fum06uM3+I+q3x/f2v47TzE8MvwW8Uv
        vbd+uN/JR9/zVO6d31CudU/urch7FKS4tuglKXPdTnyO7nPyufG++c6x+u/Lxoj9bnD2fYC9L2PU2j5A19ujgBtvFq3u+zJPRV76A6ecEikv
        BJiPmhE9/932Wun7Mvyei74v8zaJN9z79HLxRuIIizfYPlMbbwS632680eicvHe03jnZJF4+5tSbEXveM/fBw04++nmniOvcXOnznvucLHU7
        x31Ayk8OMx+1ck667bXSc7Lddk76SH+PjcFDPjnn8VoV9PMg9PMk7rIPIQpz7gocJG0Bbo+f23O3Is9vtnu91oB+gkCfZ+kjspO6ZlxaU3sn
        /yieiv/tT3l/+qrcte3cqW9Cf6bOXP+rPOsfKQ9f+/wxfQ6kuH55tPl4dN8dO86w7Dzf3LizcOHxeBz4enOc5XvqR3Dz68oez8evL74Yvz7Y
        KG51f75uuXN/KcriVnbu18atz0+sTdya6H29uPWHuDMuYbS58Zsg+UK0edxKm2MkJ7Dj4q64NtBi3BoOO/uNkXIpynzUStzqttdK49Y2W9za
        Vjd+cPLjT7Tj/zv9XCVeaB4nfB93RriUHmwIe2+rYHdLBbsLva3Fpv/0Neeje7k/0ZyPrqlEsjkf/W5OfqA5H13b9wbXOjZ1Y2ulsWhboj7G
        FtY1tpT3vxhYu+fEvcn1+Jz4ezSVehZNlX8pXU6VS5fL35WzKZTKX7fNplAqr529RgfWo72Kn7wYmEKpe6x90EyPDw5+iNLii5ODP6P07p4H
        S4Mb4Xlw++L51I7F8+V3Z5f7JzeCXfpubx3sRyl9wePd7Wv8MzuU7pmzdPzojrur+2dzql1vcY4f0bF3rPfd6WrHbztqv0mdvtC+xfKQj/sR
        5XAEl/4DaFp3si1IAAA=
        """,
        weights: [
            [0.94081455, 0.13368304, -0.2709046, 0.78529507, 0.43394902, -0.44212535, -0.19436829, -0.8607524],
            [-0.0033929255, 0.0033929262],
        ] as [[Float]],
        iterations: 9
    )
    /// The name of a metric in other letters, in a list for the output.
    static let accuracy = (
        file: """
        H4sIAAAAAAACA+1czW8TRxRffwQcPtSAkCCIFmMpBQox/ogTO0GGqEkIHy0WUCkiDcvEHtsL612zuw4OUQRSL2kPFb3lVHGp1EMPqOoBKa3h
        WPXUS1sQUoVQ/4AceqczszP27sZ2TAgkaeYpq8nMe7PvzZvfvHk7azt13uPdI5h0SBh5ubtwGv2Hr53oKkADZIABgjd0VZkJ3IQa0MUpqOmS
        qgT6/YFoMBwLhgPH/QEkBUUdTMEMbo+EIr3d4XB3pPd0KNYfDfdHo4HZlE2V969nylC7IOBrO2pJq0pWylFFBTVTkiG+E1GJFaRloOuiAgqk
        +TK8VYKKIQGZ8Ehf1D4TYAK6TcDQgKSASXJLQytBbLAxXYSky7LKhq4g0ZQqS+npBtqysgqMaCQwi9gazEm6ATWYYTdQSrKMGHoe4EZ18gZM
        G6KEHRWOJuKheDwa7e3r7Un04u4ymEb+RbzxJZYFKW+JgWeVYsm4gJkO+yaBkc6LSDEZ6rhpSAT9TVg8ULUe21gEmo4bs0DWsZs0kMuROWUN
        TKeEdYoyU6oWDYQJ5G0q2dgTiNP6yEZkYBhQaej2KnftZ3jWXAVAzKpaARi4UzoPFAXKOnKTbjQHx2RJkjOiRbHp33pTN/taHhyCCprQ+oPK
        MN4GWh8lRTLw8kCuCIC0IU0BgwYjXc0aBVDGJpR0KE5KQK8NB5mOZkKUUG8UE6Q7CLV1xha08OsM9IysaqrxmSLhKXYMVYdkmdCxmLMHylCv
        taklw9HYHEx4AG9o8FWoqbrd0OY6qZuQQEkGGtXKIIrtqcuhvZASnSDJcHSqx7hVAig83yGzV8N9c6+0vE560CKZqEo3WUqrtSSJiwtFSYbW
        DjgoFhpOXZVbZ+IGM6DQYC0BypIh0BRJyYka2noRIxQMhcIhk3r6ehJ9PbFwFMndhlIub4gZmAbTtcGlZamoYBRXW3KyOgnQJC5h4JYpIJcs
        rsHrCxaAZVtANbGgFtCWWyoQYxIJ2qqifOG2JqH0IKuRTTltMUNW0aD1NEB+y6LVrFpAldNARkL3E0E6XSog0BGkoJkqWtbUJEpQxLCpkFUj
        VD8xoKhLMgkPYdgd6sMxo6DjO7e0TxHzSGgh26KYRp7OqZqUxn5CK0tH5mlqkUQ9MhLT1xb7UAKFxMl2Ph4YRAPRABr+xER1XpDOmgztpJUU
        EYIc1ORpi4fJyMUi1ERYhukSjXphxLkhGSJFHw14s5Zka/HYnYm7w09+mz8pCPjqwHmdmoFykFobzMe+HB0a2blt/zbSwecTvESqRq8o4f7W
        OuNfp6WLlnO0/N7N2l2Et4+276L3d8pduTQ8jKVfOYjpedFmlj6B02ak0eHBFC7HaP0ILX912+Wm0HLFpZkUCUI11DpwGmpRr0vw2PDbQfF7
        ZKsd/yZ+hYb45cTxa8Uvi2NzbU68mZRaJb2XP704hDHMovrcXrueh7T+e6dZMpwXu+1y87T+6ITdfr/HLjdK6/m2/9f8sX3LOb4d5MQEj79N
        2IO8gtMIXO90uUiPjqpvfDY/4Q13bmvNd2c+vnjBJdAODjlMtVMNs87CHr2FQB+IBWqewNxPHvRQ6aV1VuJc0jq+uff4GuXEiRMnTpw4ceLE
        iRMnTpzeNjU6J3eezyx3Tu57X7CcNnDabOQ8Z2R4Wuy0y7HzInY+xM6bTq8yfov7zfr9A63ht+MQxy/Hbw2/7Nz64QG7HHvPUz13fkO95jm5
        u6rvUYDh2qQXtC502fE5ut8u58T75tvH6r8vG6P+uy5Y4wB/X8aptTjA1tsjvxNvJq3u+zJXVV/qA7ueMq3P+/kcNSO2/zv9tdL3Zfg9F3tf
        5m6Sbzjj9HL5RvwIzzd4nFmab/i73m6+0WifvHe03j7ZJF8+ZrebE3/eI3HwsF2Ofd4p7Ng3V/q859wny132+z6g9SeH+Ry1sk86/bXSfbLN
        sk96aH+XRcBFPznncpsN7PMg7PMkzroHIQpL7vIfpDy/sNcn7L1b1ecjfLfbvKGPItDjWvyIRlLHiMtr6u/Es+Kp2D++pPunryqd7WdPfRP8
        Ozl47WVlxnemMnz188fsOZDh+sXR5vdjcXfsOMeyfX9z4s7EhcvlsuHrzXGW766fwc2tK388Hb+28Hz82kCjvNX5+brl9v3FCM9b+b6/NG99
        emJt8tZ4z+vlrT/E7HkJp82N3zgt5yPN81bGjtKSwk6IOfJaf4t5ayhk7zdG6+UIn6NW8lanv1aat3oteau3bv5gl8efaMf/d/iEar7QPE/4
        PmbPcBk92BD+bq9id0sVu/M9reWm//Y2l2Ox3BdvLsfWVDzRXI59Nyff31yOre17A2udmzqxtdJc1Buvj7H5dY0tdfcX/Wv3nLgvsR6fE/+I
        JJN/RpKVX8qXkpXypcp3lWwSXZWvvTNJdFXWzl+j/evRX8VPnvffQlfXWNsAuR4fHPgQXQvPTw78jK539zxYHtgIz4PbF84ldyycq7w7v9w/
        uRH80nt760AfulLnXe49nsa/T8PoHhml7ddqnF2dvzdT63pTsP36jLVjve9O1zo+bV/6TerU+bYt5gx5hB9R+e0Irv0HkasUP2ZHAAA=
        """,
        weights: [
            [0.94081455, 0.13368304, -0.2709046, 0.78529507, 0.43394902, -0.44212535, -0.19436829, -0.8607524],
            [-0.0033929255, 0.0033929262],
        ] as [[Float]],
        iterations: 9
    )
    /// Half precision: the optimizer is wrapped in one that scales the loss.
    static let mixed = (
        file: """
        H4sIAAAAAAACA+1cX2wcxRnfPdvhgNKYykpISIs5NUoCsbk7+5y7I5c4xE4cYuwLCZLVKGzGd3vnDfvn2D/mHGQ1oqrkqi99Qn5AEAkq8cCD
        W0RrKkzyhh8oQjxBn1KVVlWfUimCh6LCzOzM3c56b31x7CQXz6ecxjPzzX4z3/zm+779drP5k23tXYJLjws33nxLGYR/od9D8KfJNigCG/Re
        sAz91dhLsgksaVo2LcXQY9nuWF9vItWbiO3vjkEuWbLAtFxE7cl4cqAnkehJDgzGU9m+RLYvFZvNM6JeXziln7lfENDvQdhSMPSSUiaCNKPo
        qDK6EhaJBBRUYFmSDjTcfFp+2ZF1WwEq7sNjYfurMcpgMQy2CRQdTOJL2qYjownbMxUZD1lV2NAZyJo3VKUw00CaplTlolRSDWAnBmKzkMmU
        y4plyyZsJky6o6qww5oCqNGYvCAXbElB6kr0ZdLxdGYgM5COpzJJNFwFM1DLsO/sivn1kr4V0zyhVxx7FHX6ZjkJ7MKUBAXjBZ91J5KE/855
        9BDDs+9LorFWBZgWaiwB1ULKMkG5jHeWNlCZCpIpqVSoUbEhMqDOCWdjTcCe5ld2TAW2LesNlF+q994t+zzrnggglQxTAzYaWpgCui6rFlSW
        ZYdDZNJR1KLkEe9qOWgDZ29Kj0OyDrc1eGlF2tdyZ8XRFRsdFaiQGCjYyjSwiXmyjJKtgSqaiGPJ0qQCrPqi4ALgfkgKHA2thHIRIjhghb2e
        /oDlHlcN07Bf0BW00b4FWzI+MmQt7h6CqmzV2wzH9jWGQwot4BYn/AvZNCx2ouEyiZogg6MCk0ilQEXzCewho6AQC+PJ9g0K6njZAdBgX8S7
        V0d/uFaaPi398Kicq3GHHKj1OphYxVpFUWXvAGQgtYZbV+sN2LgjRaA1OFHQRWsS9sKqDExd0cuSCd0x7Ir3xlNxlw70p+KpdHwAcr0iK+Up
        WyrKBTBTX1xBVSo6QnGtpawakwBu4ooO1DINVMejGnS+ZA14XASsSZqhQSfsaHgqmQxpNWAE8YqpwIChZGI3XfBMQzXgoq0CgHorwdNseEBV
        NkFRgdeTQKHgaBB0GClwpyqeMzUJQxaoDCyQVpNEPp5AxVJUbB4Sck/8ALIZmoWu3JTPwtPDpgW7SKkA9Vw2TKWA9ARPlgWnZxoVbPvwSlxd
        e+YHQyrIjl17DK3DBHD152q7AiXWOcgQ09ElGZRlU53x6BevW6rIpiRX5YJDbF4C9lxQbIlgj5i7WU/w9d8nL54rfyP8evGUIKBfJ4rzjKKs
        9pK59k6lfjMydOyhB3Y+gAdEo0I75qrT94TQeG+d9p8npUjKOVK+G6HtIu57hLQ/TK7v5zvz/PAw4v7eR1TOtQ63jAqcNiONDB/Jo3KC1PeS
        cjnC8k3Dw4pKNzAShJqh9eE03qRcUWhj8NtJ8Lv3Phb/Ln6FhvjlxPHrxS+1Y3Mdfry5lF8nuafHxocQhqlVn9vOylkg9c93uCXFeaWH5Zsn
        9cWn2Pl3t7F8I6Q+1XFv7R/1W/71/QhnUND6O4QuqBUURKD6DlHEIzpruokyekIOd+6+uu6OHx0fFQUywMeHqJ7lcOvU7JFLCOTWWCDTE6j6
        8c0eLNtJnaZlPMEXYyLpuC2kdCPOuh7Ob+VnmRMnTpw4ceLEiRMnTpw4cVorNcqT+/Mzq+XJoz8VPNkGTpuN/HlGiqfrO1g+mi+i+SGabxpc
        Z/xWdrr13+1qDr+dj3P8cvzW8Uvz1gu7WD76nKeWd75FuW6ePFKTtxijuHbpGqkLu1l8juxk+fx433x+LPh52QTR33nBawf48zJOzdkBet4W
        u/14c2l9n5eJNXn5n7FyqqQ+3833KIyo//fra63Py9BzLvq8LBISb/jt9GrxRnovjze4nVkZb3Tv3th4o5GfvLQvyE+GxMtPsvPmxO/3sB3c
        w/LR950SPr+51vs9v5+s7mave5nUr+7he9SMn/Tra61+ssPjJ9vIeNHDIJI358SI20DfC6Hvk/jrbRBRiPPh7sdIX7ewPSps/2VNXhT3RyLu
        BaMEgW3i9SeIJfWtuHpH9f3eFwcOv+786dBjfxeu/G34tcMf/e/ooX+VRj/+z/+//rj/rUev0PtAiutr+8KvR+3uxH6OZda/+XHn4kIURQZf
        t46zqZ7gCG7urtKH9eiHSzde+zDXKG71v1+3mt+/nuRxK/f7db9PreyXTwXHrYquy6bnVT/qL9LrFLem+4Pi1khD/L6XYud9aXB97+M5tQZ+
        F6j/JOXnhynOGtzfP0MahsPxOHGCxSMbt9bzvPNJNm71X5/a13ic5Zsg9Wpyc8etfj2sNW7t8sSt7YHxA8uP3mhHf3dGhVq8EB4nvJtiI1xK
        l1tG5y5222uYnO9vLja9MRDOR89OdBVnQG31rsy9Fpv6sbXWWLQ9HYyx+XtAJzd73h7JtPJ527KhONmfbU2cXDq2/jgZfLqVcRLdUJycOdiK
        OPnrp6O5O5d3msrdjXmnE39+O6d99PZS8i8f5EavfrA09MYnubHff7K07Q9f5f5x5aulO6ev+UN3o76Onv4u8+Oz32X+eXBbds/wtuzpb+NZ
        R0xkX/x2LHtFGM/evvzS8uFWyC/l3nk/t2/5/SVa9+f76W1KHylp6EiCYoGGiAd8eYGM4Lvv2ZCYdkvt/3PHs+H8dF1DT4fz0flPHAznG6S7
        mVvlfpWUi4fC+Wj+YvnInY7fNuo8fPlMK5yHn/xqa3bst1uzqz4/HQleDafNlYda8fx/mOVb7+f/q+Hy02dZe8dpc+OS+rPF48H+sFk/LwrB
        0R7rj+vP9a/68qNVci7mj/M9CqPa+28+fa01P4ryETQ/2rEh+ZrlZ1v9PpzGkrV3RU+Ej6G2vms0nI/mR/c+F85Hz9TEWDgfjXXnxpuLdS/f
        5odiG5fP+PlzPJ9xszpLj/F8xk3lf8Z5PiM035NvpXzG7dPLwqlWuq/NnxQjXW2Nv+dN6RJeJfN1b/9Q//e560NfEpivdXsHBn1bsj7w3/ev
        /NJk/mTHFneH2oQ/wvKzs6j2A0gwU9iWXAAA
        """,
        weights: [
            [0.71805835, 0.35636586, -0.5034351, 1.0177567, 0.19138998, -0.19961128, -0.44725734, -0.607898], [-0.09038439, 0.090581805],
        ] as [[Float]],
        iterations: 8
    )
}
