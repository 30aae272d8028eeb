// Made by golden.py; do not edit.
// Keras 3.15.1, h5py 3.14.0.

/// Model files that Keras wrote, gzipped, as base64, with the variables (names, elements) and predictions that Keras has for them.
enum Golden {
    /// Five samples of shape (2, 2).
    static let inputs: [Float] = [
        -0.7, -0.6, -0.5, -0.4, -0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2,
    ]

    static let adam = (
        file: """
        H4sIAAAAAAACA+0dC2wUx3XvbMM1DcEUKj6lwVxiQVIwd+fP3YGx+RzYEQ5xYkghYJbx3fq8sLd72d0zdiIUIqHKaUjVKkSJklBFaprSyBU0
        rVpTbENapFoRpZFKoypKVTdqKipVSlA/qVRaOrM7c7ezd7c+Y8d3LvPk1dzMvJk38+bNe2/e7Pnad5SVL+JMWMlt+9mc1zfBT+iZB5+EoIMY
        0EHNIU2Rn/QeFlSg8b2CqomK7F1f5a2t8dfX+L1rqrwQS+A10CvEUHnAF2hY6/evDfg3+QLr6+Bf0Hu0nSL1jVfOXPvjXRyHns/Dkqgid4tx
        TCihxFKSgHoySCICUQloGi+DhFHcITyeEmRdBJJRZ7SF5U96CYJGIegqEGXQZXSpqykBDVjvTwpGkwmJRXZB1HZFEqP9eah1SwrQawPeo7Ba
        FeKipguqECMdyClJghVaD0CFStchIarzImKUvzYc8oVrg6G62kBdQx1qLoF+yF9Yty9rZDW4LmuAD8jJlN6GKm3j6wJ6tIeHhI2p7jMHEoB/
        nRYOpEePxpgEqoYKu4GkITapIB431pQUEJoioslLhKiS1KFMQG5jzPycgDWFz2y7BHRdkPOyPV1b/BU+au4CwHcragLoqFG0B8iyIGmQTZru
        LBxdKVGK8RbCJn9zLd3RSXEwIshwQXNPKkbqZtH+SMmijrZHLfwMorrYC3SsjHQg9yD6KU3gu0SgZeYCxw2XgRdhU6gQxCegyOaYWI2lPscs
        WyRFVfTdsojW1zZPTTD2CJ6IuXSgT9AyZUpKtxU6SxKawBQH/JigKho9UGeamE0QISUBFVMl8onGk7MGt4JENEOMdFujXBWPpwDUzU8YS5cR
        emeuFLxJ6ia7Q1QlCZcn3x7J1M6iXaJCcwxrfDUB1ISSTlkR4QYhPJtQEqdR0/D+WaprAlm6RhJlAahM2zBtUztJbbM5I0e55RdQCLNot9A7
        RFO69QToc3KYOtNMdnB2pstpMqafSIqSYG2A3NZEXolP1+ZaxxhI5FtBXCVBFSGLcpxPa2Nfvc+EYF29rz7ka4BYRwQx3qPzMSEK+jNTi0pi
        UkZbP10Sl5QuACU/qwKV9AIpZWEMUkpCAljcdpjjE0oCHolSCWMo4TAuVeB57ogqwuNbt2ocmqKWYUgKnLIWBZBr3XB9FctOjKsgJsL+eBCN
        phJwpxrbC65T0qKIuuABEqp9gyDJBjB9YwBJTZQMgfELa31BJEUJDfWMxd1ZhaDRGbJmnFr4KGRzXFHFKGIT1EYaHB203oboGxMxWW0ZHjzf
        QnTjtOVF01ABnHxnelEgxQwGbqKmZF4AcUGV+i3sNabNJwWVF/qEaApvAj+sOSTqPBY8MifLSfirX0x1Nv568X+vHeQ49FSiQ7cSE6QaPNaa
        nvpnWiPb592x7A6jgcfDlRtYGbiJAbW35kk9LuZcOB3A6Wk3KXcZdUtw+QLcvx1v1yPbtiHsmzYgdMYrzNTDMbgdoXXb5naU7sH51Tgdc9N4
        vXCzotS0kByX1rI2OfUVSNfFlVHyW4nld/VcWv5N+eXyyi8DJr9W+SV6bKDCLm8mtE8T3Y6dD0WQDBOtPrCYpnMW599daqZEzo9vp/EGcf5y
        Kz3+qjIarxXneyr+v9aP2C37/O40wtlo/hXcIsgV5ESg/FKXy2hRmeaNh+ITMrgDczO8a9n6UJuLww1seAgyIWczT9Qe7oLD0UoOD48j7DfO
        xjAtt+HjyEMab64Vn/dzc2z0M/43jU/6RW6plV+h+WzPM2DAgAEDBgwYMGDAgAEDBnbIFye3x2cmipN7vsxZog0MbjewxxlDOP1kKY1H4kUk
        PkTiQST+Y4/3kHhU1STlN7nMzH9zeWHyW7mSyS+T34z8krj12eU0HrnnScedp0jXjJNXpO+V9jfTcn8c51/fTI9ryEvjjeM8V03vl8E6Gu8q
        zv+9wUzTcfe1NN4gzl9eR++L1mU0nn2fFc+O5b4v24P5cpCz6gF2X8agMD1A5H6oyi5vJkzvfZkrTa/9bppOH86/VMXWyAmI/bfz61bvy9B9
        E7kvczv4G3b9O5G/EVrN/A2mZ7L9jarqz9bfyGcnj92Xy07ml9+qr9DjZnB7yy+Rp/FVNB5538lvs5ubpslO9lXT/b6G8xdXsTUqxE7a+XWr
        drLCYifLcHuXBcGFTzgut1lA3t8g743Y82VQohDmgqoVuK6KW+zhFj+Vpucx6t1us0MPlsAy1yf305JHoK+o/L6+orX5aeEHTadqzo3+7uLO
        5lDvyuavv/3paMvphU2/vL7wQsPPfzQ6+pd5zX/+1sdN9d+5NGrKuTst5+P3OfdP9HDPGibbtL2zy6EpJy6XyyZvU5W7vrVkB9EwUFL8WPPT
        t5s+eONc4w+PHGjK58vaz/4T+QLltcyXZb5Ati/713XF8WXb6ljMh8HUYz6DgZmN+UR8NB0J508E2BoV4sva+TUdMZ9yh5iPPZY+kZ1cs57Z
        SaZnsu3komBx7KS+YXIxnxuNLObD5Dc75nM1PLMxHylI93sS538cZmtUiJ2082s67GRFATEfcsZ2287c7imfvf/USEtkacR8frLw+QvPv7Bh
        5OZHL184cXXrBc+VQxfi15c022M7VzcUFtuJNDEZnkxsxz1t8rWrObfnVlqxnc3VvaPN1b154zr2d0kmsvcfRJi/yux9tr96aXNx/NV7t7O4
        DoOpx3WOR2Y2rrN8C00ngvOxCFujQvxVO7+m47vvcxziOvb/OTDh/Ucbs5NMz+S4/2gtjp1sezCXnXTnld+LOznsDeNx751efchgdsjvWdup
        uXHvZ0s36/7jAdpOSjh/Ygdbo0LspJ1ft2onyy12cm7OczaNj/7LD/pc6eHS52rn8/TwzgwlK7w2K/j9ubTsejJ3hQ8WFsPxTKBUiQ1p2++M
        R3T7iU5nvB6cnj7gjJfE6bu8Mx6xNcsfdsYjtmT/I5ON4dhl61ZjNksezi1jL5W0bP3qctvG4r07twavVmm9O/fmG2c3jFw+Oux575/nbrz/
        j6G37vna8MlT4vmndw+dnwueG97ge//8O2LD8L5vnxz+zdiK4eLxT+ooRf59f+/W4IJX/hB8rGMs1LjVFXzvblfo2qdnQoe3fNhw4LeLQle+
        +73Qi3/7QrD6+v2hhZ1nQjP3ztzgLmKpaCituOrLp8DIc+9UDp/Q/jM8c7wZ2z0bePOLLy0PX3n24+C/9LFwEe9/HqWtU2nsu+SH8Y3wGalo
        vmsjfEaEdTeGu9fdaCwen+7cU4p8+vfG+evR03qpOtwCn2O//yj8FHxm7n6nbm/uCE5p7bVIy6qNW1pWjZC8/Z6dvCaGX8fl8OtJXD1O8WtK
        HHndhHxHn1yb+3GHftyhH3for6XPZaFbOufNSX/H+dUOZ3wyr6FdznhkHFd3O+NtwumNRyc4B+P03j3OeMSFr9s3s+s/c/shsn827If5/W+G
        58GneP7e/k7m702GX68emA0+zQveUvBphnhmq3PxZfzgbNJN7Ttc7kVl+X+MkMAxY5bUTxPam9p/XDDT9DBH/dSgtWGu32LINEzNz/5lhvYd
        FXPMFSrj3oLps0Zo6H97Ds6QU3EAAA==
        """,
        variables: [
            (
                "sequential/dense/kernel",
                [
                    0.7817374, 0.33866504, -0.36168376, 0.80763006, 0.6307101, -0.48389846, 0.14419661, -0.577908, -0.3510911, 0.5543479,
                    0.46791, -0.38405767,
                ]
            ), ("sequential/dense/bias", [0.37835062, 0.022662573, 0.21725346]),
            ("sequential/dense_1/kernel", [-1.149039, -0.045796942, -1.2101439, -0.76496196, -0.9172063, 0.5974335]),
            ("sequential/dense_1/bias", [-0.24037649, 0.24037646]),
        ] as [(String, [Float])],
        optimizer: [
            ("adam/iteration", [9.0]), ("adam/learning_rate", [0.05]),
            (
                "adam/sequential_dense_kernel_momentum",
                [
                    0.0053909617, -0.015490708, -0.00047080242, -0.000117232994, -0.016374443, -0.0035646902, -0.0056254272, -0.01725818,
                    -0.0066585816, -0.0111336205, -0.018141916, -0.00975247,
                ]
            ),
            (
                "adam/sequential_dense_kernel_velocity",
                [
                    1.1643781e-05, 2.665588e-05, 9.5522686e-05, 7.704653e-06, 3.0784715e-05, 8.3908264e-05, 6.743057e-06, 3.5484663e-05,
                    7.994064e-05, 8.758993e-06, 4.075574e-05, 8.361987e-05,
                ]
            ), ("adam/sequential_dense_bias_momentum", [-0.05508194, -0.008837354, -0.030938886]),
            ("adam/sequential_dense_bias_velocity", [0.00014887661, 2.8556122e-05, 0.0003823412]),
            ("adam/sequential_dense_1_kernel_momentum", [0.056612432, -0.056612432, 0.03472807, -0.03472807, -0.030784318, 0.03078432]),
            (
                "adam/sequential_dense_1_kernel_velocity",
                [0.0005464253, 0.0005464253, 0.00015808747, 0.00015808745, 0.00043843314, 0.0004384331]
            ), ("adam/sequential_dense_1_bias_momentum", [0.04083945, -0.04083944]),
            ("adam/sequential_dense_1_bias_velocity", [0.00032515122, 0.00032515117]),
            (
                "adam/sequential_dense_kernel_velocity_hat",
                [
                    1.1643781e-05, 2.665588e-05, 9.5522686e-05, 7.704653e-06, 3.0784715e-05, 8.3908264e-05, 6.743057e-06, 3.5484663e-05,
                    7.994064e-05, 8.758993e-06, 4.075574e-05, 8.361987e-05,
                ]
            ), ("adam/sequential_dense_bias_velocity_hat", [0.00014890202, 2.8556122e-05, 0.0003823412]),
            (
                "adam/sequential_dense_1_kernel_velocity_hat",
                [0.0005464253, 0.0005464253, 0.00015808747, 0.00015808745, 0.00043843314, 0.0004384331]
            ), ("adam/sequential_dense_1_bias_velocity_hat", [0.00032515122, 0.00032515117]),
        ] as [(String, [Float])],
        predictions: [0.3384234, 0.66157657, 0.26332676, 0.7366732, 0.25232098, 0.7476791, 0.32453188, 0.67546815, 0.3690472, 0.6309528]
            as [Float]
    )

    static let rmsprop = (
        file: """
        H4sIAAAAAAACA+1dfXATxxU/yTaIj4BDnCFQSoQCDSTYkWQb21hC0AjjFAPms1BsjrN8to6cdOLuBILULW0g41ImzST8waQtgZRpmcBMTaAd
        2kg4TckMnaEz0FBm0gD1TNOUMkmHmdJOm2lJd+92Je1ZOsvYseSyb3yz2t2393bf/va93Xcnq3l5UXEZo9MsZukvxxxbDD7B6wFwhXiVa+dU
        rmKbIoWfczzLy5zC7uBlRZDCjoV2R2WFq7rC5ZhvdwAunlW4HXw7LHc73QvKXa5yt2ux072wCvzVOLqaCVHx1uOzP5rEMPCaAEoCUrhD6ESC
        QlJ7VOThnTSRUEBA5BSFDXMhrXgtvz3Kh1WBE7U6rS0of86BGRSCQZU5Icy1abdU5SgPO6zuivBakwGF+dcB1mZJFAK7skjrECVOrXQ7ukC1
        zHcKisrLfDu+QTgqiqBCCXKwUGrbxgdUVoCKclXW1TprqmtrqipdlS43bC5yu4B+Qd3mfj2rQHX9OvhMOBJVm2CloX9tnBoIskCwNtTNekfc
        4K81TQPJ3sM+RjhZgYUdnKhANclcZ6c2p7gAyxSgTFbEQqWICjABtI04s2sC1OQ+sgaRU1U+nFXtydr8z3CXvgo4tkOSQ5wKGwWCXDjMiwpQ
        k6Kag6MtKojtbJpgXb+Zpq5rUBr082EwoZkH1Y7rRtH6iIYFFS6PSvCZC6jCDk5FxkjlwkEoP6rwbJvAKamxgH6DaWAF0BQYBGE3gGyGgVWk
        1WcY5TJRkiV1fViA82sYp8JrawQNRJ86LsYrqTIpqhoKzZEEBzDEDn+NlyWF7Ki5TKQmwBAVORlJxfiE/clYg1oBIYoGI9XQKFPF9igHbPNu
        bepSoDfXSs6LpGqwK0SWImB6sq2RVO0oWiUycMegxlnhhk0IdIYlASwQrLMBkTiMloZ1jVJb4+5na0QhzHMytTbU2lQO0tosSeEoM345gmEU
        rRZyhShShxriYmYbptakkk02O8O1adKGH4oIIp/eAG5bQ1kRn6zNoNo1K9ZGgGvIolY5xCq4WgSWIiyEO9mkUXZWO3Wqqap2Vtc6FwCunbzQ
        GVTZdj7A7UqNMCAKkTC0AMmSTlFq48AC6FcBS3ZwYjRNP9A28SEubfcOcmxICoGTUTSkdaWuDpVK4Fi3UxbAKa5D1s5OgbRuiBIYuRLggPI6
        wDRLaQuyU+baBXA/lgsEoiGwYLVVBqYrkmaP5KCkSwOfCfHVUHpEEUQNNC6+3FkDhwIY4HQjzJvbEdg3DXDa0YUNACV3SrIQgEoCJkkB9wIT
        oeFfG4au6LTOgUMuYNeOXA44CJkDQ29NTgmQmOLA44mGWZ7r5GVxV5pytUGzEV5m+RgfiKKV4AI12wSVRejDY0o7Dn/14Wjr1E/WXLm5lWHg
        VQpP3lI7L1agvlYEq7/T6G94YPz08VoDm40p1rhS9Bki2D49j+tRMWNBaTdKj1txuUWrewSVP4jub+Rbt2bpUsj9mYGwnL4SPbUxlO5Haly6
        pBmmG1F+LkovWEm+HWCxwlR3kwyTNLUGnDpzlGthigj8liL8zh1L4l/HL5MVv5QoftPxi+1Yd4kRbzo1D5PctStX+SGGsVXvnkrK6UH5S9P0
        FON8bwPJdxLlLzaS/bcXkXyNKB8s+f+aP+y3jOObqMW04fhLmDKgFbiJgPlpFovWojSpGxuhJ+hwu8emdLfs6VVNFgY1MPBBSsWd9Tw2e+gW
        DApZMqh7DFa/dkAGabGBH4Ufknxj0/lZFzPGID+1CSf5MQ7wxhTrq3YyXfOUKFGiRIkSJUqUKFGiRImSkbLFyY3xmYHi5LYvkudySvcXGeOM
        tSi9PY3kw/EiHB/C8SAc/zHGe3A8yj5I/Eam6/mXZuSG39JZFL8Uvyn84rh1zwySDz/nScadhyhXj5OXJJ8rtfhI3O9F+WNLyH6ddZB8fSjP
        zCHXy8kqku8Kyt9ZoKfJuHs5yXcS5S8+Ra6Lxukkn3Gd5c+PZX5ethHpZSuTbgfo8zJKudkBjPuzdiPedBre52WWpLzmmaScGMofstM5MiPs
        /436utfnZfB5E35eZjXZbxjt70D7jdq5dL9B7Uz//YZ9zue738jmJ/fMy+Qns+PX/iTZb0r3N34xnvoeJ/nw+04ug99cPEx+MjaHvO8RlH/7
        cTpHufhJo77u1U+WpPnJItTeksZgQScci1UvwO+F4PdGjPkigCjI+aD9UVRnZ6bamKnfTMqzafVWq35DG0JgkeX2EyTyMMXyqu9fnHrId2wS
        42v5oL7X9sZE35aDfp/yhabelxes9L1262/nfn9jXO/z/33Nd/X8RN9Pb4vndJxbkzjvm2d+f2yHg/Mptkl/Z8ShjhOLxWLA21BxFyvHK4ik
        7oLSx4GHJvssv/v5ue2HvYuy7WWNZ/+B9gLFlXQvS/cC/feyHz+Vn71sUxWN+VAaesznpHtkYz5+JylHRPkDbjpHuexljfoajphPsUnMxxhL
        H8hPzl9I/SS1M/39ZFlNfvykWj+4mM9/PDTmQ/HbP+ZzpW5kYz5iDXnfgyh/po7OUS5+0qiv4fCTJTnEfPAZ22o4c1uHfPb+0EMisjBiPuVT
        eno3TKpbNL78ZK/cMKt34syjvQob8RljO1fqc4vt+BdRDA8mtmMdNnyt82XeuRVWbCd2d9+5r9/dlzWuY3yXZCB/f81P96vU3/ffr55fkp/9
        6uwGGtehNPS4zl7/yMZ1ZnyZlONH+XY/naNc9qtGfQ3Hd9/HmMR1jP9zYMDnH03UT1I7k+H5R2N+/GTTikx+0poVv2+vZNBuGPV70/DaQ0qj
        A789hlOzZ9PnK7ff849nSD8povyB5XSOcvGTRn3dq5+0pfnJsRnP2SQ//C8/8HOpjUmeq83P03FkcYoNIzkyKvQ9LoldW+pZ4YrcYji2AYwq
        9iFNLeZ82LYfaDXnC6L0+BZzPvwPdC6x5nzY18xYbc6HfUnLmsHGcIzYuteYzSOrM2PsUEFj67cXm7z5e3duPpqtwnp3bs+UiR77Y5s98/7w
        vOfMlAv1f7m1z7PsxBueq4u+W79+9VHP34UPPDfXPF3//vlez8MTJnhH7p0vcS22tCQVVlzwvQO3Pd9+8ZDnPXfMm78Yffc60oIUBrb+cecd
        7x1wvXrxguf74Lr16jnvx+Aaudhyz/rMp8fCwpBt7gveceDKn226sKEQbdNS6Suew7+5njhc+1j8hSuX6w/W3kg8caEl/uRHr7z14U9uJH4m
        dsc3HN0Tv3P3RuLq/h/GR8422TaOBtv0T6400fL69cT+q0fj+bNNszcVom16893r3tPvXk+c6TvtBVei8cSlRMOJS15cb3zOjl8TQ6/jMuj1
        JKYapeg1JQa/boK/o48fm7vQDV3ohi50Q1cleS6rvadz3pjkd5xja8358biOrDPnw/04u96cbzFK/7VhgHMwSss2mvPhLXzV5pHFw8j5JH/L
        aPBJpVsve6dsvZzIn09qaS1En7R8yvtvPRq8Fr/5qz96xvXMjC/49a34lrJPPH++2hxfNfPf8Usdn3r+9I1vxU/HixI/ulY0gvvlH2wZDT6J
        e+fT+F9f/F58f+0+T/580lm2EH3S7D07vV/aszNxpOuU5/WuU/Fj1u7Ej63dI7hf7ts6GmzT9Nh5jyN2Pt683GItK8r+i4TJM642SuL3CY1N
        jb8wmGr6LEP83mB6w0y/xZBquHty/19maF5eMkafoSLmTZC+pIWG/gc9VJoTWHEAAA==
        """,
        variables: [
            (
                "sequential/dense/kernel",
                [
                    0.5769306, 0.5002234, -0.7338159, 0.5494695, 0.7678889, -0.79729384, 0.8055202, -0.46663377, -0.5385564, 1.2499241,
                    0.5498785, -0.23138689,
                ]
            ), ("sequential/dense/bias", [0.558892, -0.35707095, 0.18517472]),
            ("sequential/dense_1/kernel", [-1.3755547, 0.18071875, -1.3451245, -0.62998116, -1.2587295, 0.93895644]),
            ("sequential/dense_1/bias", [-0.26170707, 0.2617072]),
        ] as [(String, [Float])],
        optimizer: [
            ("rm_sprop/iteration", [9.0]), ("rm_sprop/learning_rate", [0.05]),
            (
                "rm_sprop/sequential_dense_kernel_velocity",
                [
                    0.008549333, 0.013375074, 0.016095238, 0.006105745, 0.016347362, 0.020833625, 0.004249434, 0.019692102, 0.026783919,
                    0.0029804055, 0.023409294, 0.033946116,
                ]
            ), ("rm_sprop/sequential_dense_bias_velocity", [0.029364025, 0.01862264, 0.060595345]),
            ("rm_sprop/sequential_dense_1_kernel_velocity", [0.09519378, 0.09519377, 0.024511624, 0.024511626, 0.09306891, 0.09306893]),
            ("rm_sprop/sequential_dense_1_bias_velocity", [0.06550604, 0.06550605]),
            (
                "rm_sprop/sequential_dense_kernel_momentum",
                [
                    0.01235563, -0.10829471, -0.009962229, 0.0064035086, -0.10850635, -0.013475457, -0.004513522, -0.10871866, -0.016653398,
                    -0.015701931, -0.10888472, -0.019231241,
                ]
            ), ("rm_sprop/sequential_dense_bias_momentum", [-0.035249673, -0.10821983, -0.01975562]),
            ("rm_sprop/sequential_dense_1_kernel_momentum", [0.10828723, -0.10828724, 0.08783093, -0.08783093, -0.10188919, 0.10188918]),
            ("rm_sprop/sequential_dense_1_bias_momentum", [0.102234006, -0.10223402]),
            (
                "rm_sprop/sequential_dense_kernel_average_gradient",
                [
                    -0.006624495, -0.026905118, 0.027314141, -0.009685525, -0.028657537, 0.028940376, -0.012746547, -0.03040996,
                    0.030566603, -0.015807575, -0.03216238, 0.032192837,
                ]
            ), ("rm_sprop/sequential_dense_bias_average_gradient", [-0.030610265, -0.0175242, 0.016262311]),
            (
                "rm_sprop/sequential_dense_1_kernel_average_gradient",
                [0.06042494, -0.060424946, 0.021666348, -0.021666352, -0.06641129, 0.0664113]
            ), ("rm_sprop/sequential_dense_1_bias_average_gradient", [0.02398305, -0.023983065]),
        ] as [(String, [Float])],
        predictions: [0.32986206, 0.67013794, 0.16224766, 0.8377523, 0.22678454, 0.7732154, 0.37011588, 0.6298841, 0.38045916, 0.61954087]
            as [Float]
    )

    static let normalized = (
        file: """
        H4sIAAAAAAACA+1de2wUxxnf89n4AqEYxQZDoT0uBRzA5u78wDbGZ8CQoxAwhfJ21+u79d3C3u7lds8xbxJRatIKUSkPiCoVtUprNVUwKRJO
        AUPUKrLapkFKI6GmalBEI4j4w5VS+kfT0pndmfPu3t3e+XXnwzPyanZmvnl98833/ebbvXXLRmt+MaWGBdT9pdOsTeAOXtPBFWJlxs/ITMV+
        SRQOOw6wEUaiO9mIxImCo97uqKxwVVe4HMvsDkDF0hLTyfphvtvpril3ucrdriZndX2lu77K7Tjaouvq1devvJdfQlHwmgZyfKLQwQVQRyHR
        H+VZ2JLSJezAxzOSRAtMSMnexj4fZQWZY3ilTKkL8g87MIGkI5AjDCcw7UqTciTKwgHLB8OsUiVlZ83bAWmLyHO+g0l66+BFRq4EcwTFETbA
        STIbYf24ASHK86BACjIwU2zfz/pkmoOMclXW1dbUuOsq3S5XlbMWVueZg4C/oGxv3MgqUFncADcI4ai8CRYaxtfOyL4gDTpWprpXHYgb/LVq
        OBAbPRxjmIlIMLOD4SXIpggTCChrijNwnxzsk+Zxp2JYBjIBuI0ok3MClKQ/szVwApvFSIjhuUMM7CLJCqgzFYyU2V94WMJ0cXBFXeA2JIaA
        WEZDIOmsqAYZbFjieGU3OSucTkjiAwSAqbEBSz5GO/52sCdpTuCgbHOHFMJ4fmrKE8xrDxsRJf2MzCcQYEKh0Xa6RWCH1WdI7OSEAB1iGSHT
        00VddzIRjhF8bIYnriwwKI7yoH+1S6RB1GVIWKRUAj1IisTLxjqJSqSDgi8YEQXQkHaDR1i4i+IyaB/PhcOALUMNoAKdSNfVmerA9ijH+2nN
        RlLVSCINdXRYimI9z8gyKyTdprHSHDIF0PLSHVClwVVz+IKMILC8BJSuJDuyw+ZmVgDmIfHM/bgsh1gcBTsXquZKqKV9MtepWg7QCc8JLKOY
        tqjE0u0cIw3NBowcLMQo1cKzvBgR5e8KHFxhw0wlVtmSaCrq4jFdrDSUJ0ZlQ2YKpQImkGk1itiUWF/B8SQsQbUSaSylUqKC56MMwHqq2R8S
        e3OupL1Nqoa5R0aDWWhXjm0gBG3K47BNXd2wwA02NgTdEHTzmKObyrG2uTmnNLDVdcdZXUnskENMFzG7xOzCbdIaozYBsGMFhBUWh8Icz2or
        QMdGKOnSxUoTLNxqPxNKspcYVMQDiClAZRxhZFa1ktVONayoqnZW1zprANULLBcIyrSf9TEHh6YGNRbSZVgZ8mI7w9PxBTCnk+GjGsbA3cWG
        GI0iBCk6gQUHuWInG3khwsks3RFR3Go+zTB4EUxZseJ0B9jLolahRxg/B9qjGZ8vGgIip8gJWKewZFDtLrVDnHSj/vUQwsWWO1dAjRGSYMtp
        eZqU4SmKRXFs0T7A54AY4XyQT2BfSWB4ETGs6DxlJiqvNeMLsTIgVxxyDjiPCANm3xpbFdDjEAW2HFGBZpkAG+EPavirzJsOsxGa7WJ9UaTx
        ICbaz8k0kjyk7I5qnKUly6Kt/h/KpbcEioJXEfTLin6Wr0BjrQhWn/Y2r58+de5UpYLNRuUrVEPhEQqwvjaNy9tQbEFxN4p78nC+RSkrRfkz
        UftGuu3fWbcOUj8yBNzPnQI1tlEkTMbgXbe6Bca7ULoMxQN5ejqATSUYq5CIomJq1iCnzjT7tVBWnfwWIfktK9TLvyq/VFL5JYHIr1Z+sR7r
        LjDKmxpaxqjfbZu3NEMZxlq9e7a+n16UvjVHjbGcl841jGerGoe36cdvt+rpvCgdLHi81g/bLeP8nlSeeML5F1DFgCsQRMD0HItFqVEU441N
        xydocLsLh3j37NotmywUqmCgg2HoqaSaxmrvKRQn8Agp+Wi4FOqKQv5sYOfVgJdJOQ5q0iXJ26VdIH+KoV10nIylcfsQr2r5aJ9BdAEJJJBA
        AgkkkEACCSSQQAIJkzck85Mb/TOp/OS2+eicTVg6KQP2M/aiNPYj3vZiOUvszw4+p6bbUsij0Q+YSn7DyI94dl568lu0AMkxWcpJLb+7YvKp
        ht55ejr8nCfmdx5lv6qfvCAmd16D/9sox/j50fZ6Pd0RlP5Jgxrj51Tdy/V0vSh9y6Uff+l6PV0TSrd59Xq9rUxP143SPUuybccS65ddDr1+
        SaUHbj1N7BjRA/HPe/sMAoH3IdpGlBvFlZR+fziHpQcsMT3Q8g19O10ofY4IpmnA9t/Ir5E+L4PPufDzsjxU36IhsCCNY7FYYjTa2ArKYclM
        +zfRsyk7NdtGzT6OyqHmh+V5eXkWtXe1Patl4OnEiKR7QvH733M2e26cOudR5Tc/Nto+h3k9bF9LF5rTYX3uXGROh7eFd3Gun8cyJV9li3JB
        vqS7O+oX/rVoZeb40rQ4F/hS+dFTnj8/WO/JHF92leUCX94439twHlxJ3/8z4NWU7/+Vk3MhwYPx58KBJeN7Lkz6/t/yROcZ8v4fCenJb+z9
        v3KjvKFzxxj1azzP2Jfq+/GidLCcrFE65xkjv0Z6ninUnGeslIn/3+AnSun/ryZ2kuiZeDs56MqOnWypSWQnk8vv4Ar9uEmY3PKL5am3Sk9n
        9PvF/OVjZCe9bn27YZQ+W0XWKB07aeTXSO1kgcZO5if0y6gHSYt6TI69d47fezemR37uvrlCL3k4dGWV3yeeeMlzZ+CN69+TvrzevnWf58MH
        exrfdrzSX3zecv3h/WM35jcf7l92983G9xd6V81d8nG/Kud5MTnvrTFvH+vh2joi23p7Z+7vsY6Z3Hnr8Q6ayP6eL95prg77en778MMZV5Nh
        WeOz0VRY4C8egmUJFojHstcasoNl560eHpY9t0aPYUiY3PJrR/ERjzmWdRswbe0osWzxKn17DSi9z0PWKB0sa+TXSLFsiQbLFmQUQ/xoTS5g
        CN+Jef0v3rD1/+NqcT/+3TKW4SOr08Opd9aa02Fd/FUzwaljK2ODzbkgY2X+RQ0X79GrWn+w81rmePPk+lzgjS30fc9Pg6Ln2EcnPckwvPF9
        xFQYyL6JYHiCgeIx/Anv+GJ4HJJ9FwF/BwF/9yDZdw7wdw3wuNrGiU8p/eKb9fwjYXLvI6yXBzaanyXG2i8+OEffbvcGNe7ZSNYonbOEkV9j
        8fx4CpXaL44xTJ4B04z+fbTbmxN7ObLrF++ZcaGR7fP3/y6/zHPoUpXn3e1VniWv7L5h9H8PPJfeuaK2hcjwcM4VY/e+o3drYgQ5sbBzz9pZ
        /Xu/NasxlR3v2UHwMLHj8Xj47LbxxcPJfNqDO/W4VpVfa1L59e/W04fR98jsKM371Zioy8dbfnsNWviab3z7NeLQe9v0OLRoO8K/O8gapYND
        jfwaKQ7N1+DQwoS4QE8Pv0QJ74tsVAwHmNv/tt1DPWnDhZzg9xMx2R36TVbLrvQw56/3mNPhZm51mNNhXf0g8LhhTqNsjRRjXtubWMbOTWh+
        fPCnTasyh8Nv7csFHH5q2cOV5R//72rm+HKvNRf4snxDYa2/dW5t5vhC0bnAl0Nzyi795viFS5njS2lbLvBlw9o/LLAtPenI3vuWTgYhlAnl
        V2r2Lr+y+Fqg4fTfzvTB+2fA/aFPzvTZPmevzHyto+Gl+Tf6poL7YnDvmHejL3v8C7dPRP79/Rd0efOjL2sveYqcn4L7b4P7c41Fzv98eqX8
        lzP/VWvtPuL8L7h/C9yvOXXEmblntL0+jIQn8r48/aszb51+/6Jzr/zz2C86Un0DA7+yjn4aROFXftELzbH3i/Arvi7UoAs16EINulCDLtSg
        q1p/BitL6ww3JUY32GpOj+dlo83p8PjtbeZ0TRgPMynOuPiE0W5Oh30cl9ls4+Dx2hO/78iFPZH/9suz1nzwpn1T1WlH5nhzJ5ALvKmYlr/q
        i+OVDe13v96YOd58FcwF3ny+82e1R2/+ccW7e6wrs/f8rHS/SjGxnp9N//HX+sHVWLK1sHHW1sJ+98OCRnD1Z49PTQcmIp8+uTh9Jbz++bJ6
        HbPOUK7MnSeCfC6cJ/jPLq868Nnl6xgDBLFt58zrhTEW2G9Oh6Vg1wFzuhMo7guZ02Epu7nXnM6O4tv7JhYGGMPvXwm5IF8P6p+ph1fLRkte
        sbUY5S6g7i+dZm1C2G+6Vg6UWYZYmYH/K71ivyQKxqqvvn7lvfwSAC/ANU1XFcqY+r8Z4yom+p97QxXPlcT/B76WjQVT1BWyUu+A+LWTMPV/
        UFX4OV6FAAA=
        """,
        variables: [
            ("sequential/batch_normalization/gamma", [0.8050837, 1.1916121]),
            ("sequential/batch_normalization/beta", [0.0008197494, 0.002210268]),
            ("sequential/batch_normalization/moving_mean", [0.5774414, 0.77705085]),
            ("sequential/batch_normalization/moving_variance", [0.021557618, 0.021557616]),
            (
                "sequential/dense/kernel",
                [
                    1.0159149, -0.07557845, -0.11936067, 0.8606168, 0.21379398, -0.28932709, -0.031640127, -0.99575746, -0.24537702,
                    0.32400644, 0.04886415, -0.41633683,
                ]
            ), ("sequential/dense/bias", [7.3276044e-07, -0.0012847017, -0.0021944023]),
            ("sequential/batch_normalization_1/beta", [-0.1528335, -0.13354303, -0.14524801]),
            ("sequential/batch_normalization_1/moving_mean", [0.010155715, 0.054665264, -0.013154832]),
            ("sequential/batch_normalization_1/moving_variance", [1.0423899, 0.93519014, 1.0377042]),
            ("sequential/dense_1/kernel", [0.31261945, -0.22335966, 0.65632266, 0.7058331, 0.70441777, -0.84991705]),
            ("sequential/dense_1/bias", [-0.14674246, 0.14662306]),
        ] as [(String, [Float])],
        optimizer: [
            ("adam/iteration", [9.0]), ("adam/learning_rate", [0.05]),
            ("adam/sequential_batch_normalization_gamma_momentum", [0.007512632, -0.0077768774]),
            ("adam/sequential_batch_normalization_gamma_velocity", [3.2254666e-05, 3.6803438e-05]),
            ("adam/sequential_batch_normalization_beta_momentum", [-2.44617e-09, -4.6711306e-09]),
            ("adam/sequential_batch_normalization_beta_velocity", [1.3705863e-18, 3.5824233e-18]),
            (
                "adam/sequential_dense_kernel_momentum",
                [
                    -1.04476385e-05, 0.01414398, -6.8121655e-05, -1.04476385e-05, 0.014143982, -6.811968e-05, -1.3703022e-05, 0.014073865,
                    -9.113086e-05, -1.3703024e-05, 0.014073867, -9.11283e-05,
                ]
            ),
            (
                "adam/sequential_dense_kernel_velocity",
                [
                    1.2713134e-11, 0.000116823736, 5.2477406e-10, 1.2713135e-11, 0.00011682378, 5.2475846e-10, 2.0904159e-11,
                    0.000116857984, 9.187035e-10, 2.0904162e-11, 0.00011685801, 9.186786e-10,
                ]
            ), ("adam/sequential_dense_bias_momentum", [-1.013704e-12, 1.2789353e-09, 4.7571524e-09]),
            ("adam/sequential_dense_bias_velocity", [2.2404922e-25, 2.8087915e-19, 3.7189296e-18]),
            ("adam/sequential_batch_normalization_1_beta_momentum", [0.032237224, 0.01095579, 0.1522384]),
            ("adam/sequential_batch_normalization_1_beta_velocity", [7.741134e-05, 2.428912e-05, 0.0020043089]),
            ("adam/sequential_dense_1_kernel_momentum", [-0.1392252, 0.1392252, 0.13214524, -0.13214526, 0.13082197, -0.13082197]),
            ("adam/sequential_dense_1_kernel_velocity", [0.002161971, 0.002161971, 0.0021597708, 0.0021597708, 0.002182215, 0.002182215]),
            ("adam/sequential_dense_1_bias_momentum", [0.08832249, -0.08832248]),
            ("adam/sequential_dense_1_bias_velocity", [0.00064556184, 0.00064556184]),
        ] as [(String, [Float])],
        predictions: [
            0.99184495, 0.008155088, 0.95250535, 0.047494672, 0.7678182, 0.23218182, 0.35287753, 0.6471225, 0.08249946, 0.9175005,
        ] as [Float]
    )

    static let accumulated = (
        file: """
        H4sIAAAAAAACA+0df2wT1/ns/MBjZYQ1FYVR6gYYFIixHdv5ASSBOhCUABmEjjYJ14t9sY+e78zdOQ3tolIp1aiWTl3VPxBqJaoytWPpFCpW
        0QTHTJqmSbCJSWjaKjYhxDqpmrYK0WmTpnXv3b1n313si0OC7Yz3Kafn99733vfe9773fd/73jnu6igrr6Y0eIJaeuMvr7aCT/BZAp4YqzBh
        RmFcR2VReKnmeVZiZHqQlWROFGqanDV1Lo/f5anZ7KwBWCwtM4NsGJZ73d5ArcdT6/W0ugNNHm+Tt6FmuMtAqvXPP/3Xz5ZSFHy+DkpCojDA
        RRChmBhO8CzsSSUJCYR4RpZpgYmpxQfZYwlWUDiGV+vUtqD8pRqMIBsQFInhBKZf7VKREiwcsHI8zqpNZiQW7AaoXSLPhY7noDbAi4xS560Z
        BtUSG+FkhZXYMO5ASPA8qJCjDCwU+4+yIYXmIKM8dY2Nbq+3odHd6Pf6GmBznjkO+AvqeqaNzIXqpg1wjxBPKJ2w0jS+fkYJRWlAWJ1qjzYQ
        L/jr03EgPXo4xjgjybBwgOFlyCaJiUTUNcUFmCYHadI8JirGFSATgNsIMzcnQE3+M9vFM4rCCjnZnq4t/goPa7uAoQdEKcYosFEoyggCy8uA
        TbJiLRz9CY4P0zrCGn+zLd3wrDgYZAWwoNknFcZ1C2h/JAROgdujDnxmQgo3yChIGSmMEIX0EzJL93OMnJkLGDdYBpoDTYFC4F4EIptlYi5d
        fZZZ7uZFSVQOCRxcX9M8ZVbdI2gi2tIxQ6ycKRMTiqnQWpLgBOY44GdZSZSNA7WmidgEEBI8IyGqWD7heLLWoFaAiKyKkWJqlK3iWIIBuvlF
        dekyQm/Nlbw3iW+2O0QS42B5cu2RTO0C2iUSMMegxu3ywiYG6RREDmwQzLMZJXEeNQ3tWaC6xjtN1/CcwDIS0TZE29TNUtvsyMhRdvllDAgL
        aLcYd4gsDigxZsjKYepLM9nC2Zkvp0mdfizO8ay+AXRbYzklPl2bbR3DTCzXCqIqHqgIgRMiNNLGVgRccijKwsospNqG4qKgHWaCbIgxLyXa
        l7SZnNvl9kNxgU1owL841AW+dEkaCyLJCsNJIcbg+uckb72vX2C5SFShVSKZpQrxXFyAqgxS9ICCCC/2g0HrynWYgwyf0K0z1LFsjNGNDeTo
        mBgDo0poXTY2olIRHE9fkDhwGh2Q1DNgSDcKXgRslUMMEIIBIK6iTrFEJCbMgf5oJhRKxIDiUbWFnm394DAMTJhKDWe9iLhKPS5zvCr8HrbW
        XQ93REyG3eZ1JlLHpm4c9QhGh8DyRESJC0EmAdUqg7EBV0RdfHUaGp91Sh8c1gG6enSsgZOQGDD1vvSKAIoZDNRESgg0y0RYiT+uY646aTrO
        SjQ7xIYSaEfDRTvKKTTaRUgfDeuO9T/0JPpuvffIsus0RcGnCkYQxDDLu9BYXVH/a+3BXUsWr1ysNnA4qHIVKwNfIYDt9Xlc/xxKbSg9idIP
        7LjcptY9isqXof7NeN0H2tog9lcmwHRuVmipgyLwIEJ7244umB5G+Q0o/bXdiDcINitMNXNPUWmNbpJTd550bVSZQX6rkPxuWGSUf01+qZzy
        S4DIr15+sR47WWGWNw265onuwX37g1CGsVY/udxIZxzlr63QUiznI7uMeGMof7XdOH5nmRGvHeWjFf9f64ftlnl+D6mxeTj/CqoacAU6ETC/
        wmZTW1SleeMw8Aka3JOLMrzb/dT+ThuFGpjwIGTi51oeqz3UBYVCrxQaHoXZrx70QVpuwkdhlDTeIj0+7aEqTfQzhwkjPu4X+th6fjUsJXue
        AAECBAgQIECAAAECBAgQMEOuOLk5PjNTnNzxGKWLNhB40MAcZ2xA6RcrjHg4XoTjQzgehOM/5ngPjkc5Zym/8ZVa/o1V+clv1RNEfon8ZuQX
        x63HVxnx8D1POu48R7panLwifa/U22KU+xGUP7vDOK6LNUa8myhPrTPulzGfEe86yt8NaGk67l5rxBtD+atbjPuifaURz7zPimfHst+XHUZ8
        eY7S6wFyX0YgPz2A5f6i0yxvGszvfZktTa9rtZHOEMqfcpI1sgJs/838utf7MnjfhO/L7Bb+hln/zuRvNGwg/gbRM9P9Dee6++tv5LKTJ57M
        Zidzy69zk3HcBB5s+cXydHO9EQ+/7+Qx2c3WebKTQ+uM/Z5B+cvryRrlYyfN/LpXO1mhs5NlqL1Nh2BDJxybXSvA72/g90bM+TIgURBzmfNx
        VOekljuo5S+n6TnUertd69CBJLDM9sVGo+RhGCoqv/mHB1oe3ra2eVPnkan9m3a2nDn2WfPG3b+Ycu2tnJr4/s5UT+W5qY+oSPPjn/2oeSRK
        pTQ5t6fl/OaT1v1jPRzdTGTbaO/McqjJic1mM8nbXOVuqBbvICOcLCl+fPhJYHuvGNhePRjYnsuXNZ/9Z/IFyuuIL0t8gem+7N+2FMeX7fSR
        mA+Bucd8xryFjfkE3UY6PMqPeska5ePLmvk1HzGfcouYjzmWPpOd3NxE7CTRM9PtZHV9ceyksnV2MZ//bCMxHyK/02M+1xsLG/Ph6439voXy
        FxrJGuVjJ838mg87WZFHzAefse2mM7d9zmfv29uMElkaMZ+xL4dTR8b2T/1eeTX16cdCasWtjtTfF99tNsd2rm/NL7YTbCYyPJvYjn3e5Ku7
        JbvnVlqxnV3vB5Jt7+eO65jfJZnJ3t8IEn+V2Pvp/uovdxTHX127i8R1CMw9rjMSLGxcZ9VOI50gyoeDZI3y8VfN/JqP775XWsR1zP9zYMb7
        j05iJ4meyXL/0V4cO9m5N5udtOeU38v7KOQNo/317PzqQwILQ37HUT6O0t5n7i/dafcfe4x2kkf50Q6yRvnYSTO/7tVOluvs5KKs52wjPvwv
        P/BzlYNKn6utz9OX9mUo6eHMguD319KyuyhzV7g3vxiOYwalim3I93qt8bBuP9tnjRdF6aUj1njYhrR/xxoP24jwgfsVwynUe2KPopmW1nti
        9a8PJ8/deSu52emc+vDGaDL68o+TNz73TKXunE5++6GPk6M/f2rqmuMnydunfpXcduLQVOHebzp8AGuVUo6B6XlWvHi0ctC4q0pDtpJ7fC3g
        ST1m+9N28CRvxWtT4GkpXBz17e7sJ6XSkqGNwooW8KSKp5suHCpF3fSH5eNN/66unwy1nm+8WPH2ROeePZMj9Xcm3lumTL4z3DN5ZcvIpK/q
        N5P/OB+bPP+7K5PF49/dp0uRfz2nrvjKXlvj/+aaMv+71ed8iz/Z6j896PdfufyKf9z7tD+anPC/0rkq8N8vJf/nV9yBwul23+GFoNv/+Y2j
        l67+4LcTa9o6LhWON13PLATerF2/vX5cqvYd/+vS9Nsk5nt4/BoZel2XQq8vUX6UBrAPglL8HX58re5BHXpQhx6v8bzWOqdzYGX6O9CjB63x
        8bzOdlvj4fHfPmSNh8e99rsznJMx/mFrPOzid/cUVgaK5++Ee0vR30k9cm0reCb/+K0PGsBz8U1ZanpDliaKx6fRvlLk04HX3wzAZ3BJdx18
        wq5P/QPgKZxfeOHIQvALT6/u3XZqde+lwvHlKr0Q+OIfX1/vBU9Xh81eXZb7VwQxnFBnafhNQXNT868CZpo+Txl+I1DfMNvvDmQa7qya/isE
        XR0VldoKlVEfwQikGvr8H4rpw4oMcQAA
        """,
        variables: [
            (
                "sequential/dense/kernel",
                [
                    0.89873385, 0.16038541, -0.21708743, 0.75847334, 0.45008564, -0.37749606, -0.13115379, -0.7598835, -0.33207974,
                    0.22558859, 0.2849588, -0.5015948,
                ]
            ), ("sequential/dense/bias", [0.044610668, 0.044539794, 0.0445462]),
            ("sequential/dense_1/kernel", [-0.9920299, -0.20280597, -1.042628, -0.9324776, -0.7964187, 0.4766459]),
            ("sequential/dense_1/bias", [-0.044593118, 0.044593114]),
        ] as [(String, [Float])],
        optimizer: [
            ("adam/iteration", [9.0]),
            (
                "adam/sequential_dense_kernel_gradient_accumulator",
                [
                    -0.06190225, -0.07272847, -0.15637273, -0.06878028, -0.080809414, -0.17374748, -0.075658314, -0.08889036, -0.19112223,
                    -0.08253634, -0.0969713, -0.20849699,
                ]
            ), ("adam/sequential_dense_bias_gradient_accumulator", [-0.06878028, -0.080809414, -0.17374748]),
            (
                "adam/sequential_dense_1_kernel_gradient_accumulator",
                [0.70425016, -0.70425016, 0.10791228, -0.10791228, -0.6775037, 0.6775037]
            ), ("adam/sequential_dense_1_bias_gradient_accumulator", [0.5993372, -0.5993372]),
            (
                "adam/sequential_dense_kernel_momentum",
                [
                    0.001343484, -0.0027936085, 0.00033808043, -0.001190356, -0.0030713854, -0.001847968, -0.0037241958, -0.003349162,
                    -0.0040340177, -0.006258035, -0.0036269387, -0.0062200655,
                ]
            ),
            (
                "adam/sequential_dense_kernel_velocity",
                [
                    3.792255e-07, 6.092161e-07, 4.8852337e-07, 3.1679977e-07, 6.9932196e-07, 6.760034e-07, 9.667359e-07, 7.979497e-07,
                    1.3913204e-06, 2.3290343e-06, 9.050999e-07, 2.6344737e-06,
                ]
            ), ("adam/sequential_dense_bias_momentum", [-0.0142857935, -0.0015758215, -0.01240662]),
            ("adam/sequential_dense_bias_velocity", [1.1274391e-05, 1.3825297e-07, 8.577358e-06]),
            (
                "adam/sequential_dense_1_kernel_momentum",
                [0.0063502486, -0.0063502486, 8.016051e-05, -8.016051e-05, 0.00092487887, -0.00092487875]
            ),
            (
                "adam/sequential_dense_1_kernel_velocity",
                [4.367591e-06, 4.367591e-06, 4.937234e-08, 4.937234e-08, 1.6255767e-06, 1.6255769e-06]
            ), ("adam/sequential_dense_1_bias_momentum", [0.01343503, -0.0134350285]),
            ("adam/sequential_dense_1_bias_velocity", [9.995002e-06, 9.994999e-06]),
        ] as [(String, [Float])],
        predictions: [0.4260675, 0.5739325, 0.4785185, 0.5214815, 0.52046925, 0.4795308, 0.5533636, 0.44663638, 0.5754998, 0.42450026]
            as [Float]
    )

    /// The weights file of `adam`.
    static let weights = """
        H4sIAAAAAAACA+1cfUxbVRS/r9DxJEOKLNlEHB2moRvEgXP0AaWFAVISZFWYsk0ZdRSo8lGhQ2ZixhJjULdkZlskM5glxolLzPAjWkL5mC6x
        WZB/1IUsGsniDP41iNEtEYMt797Se2lfCxRKx/klL5fbd3rv7bm/d8+551ze24bip+Jik2KRGzyPopECeWMOw9pA18n9WlxyuOzGZZ+MfM7N
        39uGP0/A7bNyVc+WlLil5xiQfiblYskjwEaEoaTQ6C6rcV2NS6eMluswtbW7yybTcbP7r1arzdJsed3cxvA0M8h+ORRF8VeB+auOofkv8hf5
        5S8A+OvNX7KOdctZvokwhqjfyor9xW4Ok1W9O4buhxBbmURVkbqCGQ+uW430+JVRtJwB1xvl99f8EbvF/r7NqAD/fjna4tJKi6nZ7K4/zHHz
        31B4dMNTeor1UiInYSfZ+fEn14Pv25Ol163qVHrdKi3aX84hPFB2fC60m189Zm6xWUxNYp0st5hGqL7JZLOZWxBWCyLTXmduaXcrIpqRr2tr
        tbYes3nkYrzlj2ShTUz/pqM2S4fJZmltoeVJu6Y6U7P3PAnxsNYAAAAAAAAAAAAAAADAIlDcPfNR5BW9AGw0sHFLAZcFSbQciQORuA+J85C4
        DhvHIXEm5TJ5qdgBvAReLvCSxLcnkmk5kg/yxKdX2K8YT5d78k+olOazGtcNZfS47Km03CSuIxX9HFi1tFwPrtt1YkniuYa9tJwV189o6Oei
        n4n3s3Hi8NodyJcBgnu+CZ/tjMFYnXwZ5+lvgnl+Orfj50gJcyQFkpdi9bXcfFmMFwlkyH8ejF1XA/kRghr8CFhnFvsRStXq+hH+8rNdO8V6
        bZB+8PQT9LgBG5u/hE+TabQcOe+UxdjNghDZyU4V3e5FXB9NgzkKxk6y+lqunZR7GbMo/H3OS4DDOxdOJn5AzlGQ8xtsPcrFKLdkgjIF31Oi
        rTzaesLTHz9/XyYTG+QxA6O46V008wg6w6rvmRSD/qT5M13v4wPDE6MVeqFjh/6dq3eHS/sSdd/PJI5kf/vl8PCfcfo/3ruj2/vRteGMb67q
        frk0oP38tRrd14lnR86ezxuau31h5NRPRSP8+MsjDTPb9IWqjmG9qkP3gKv9H8bK8y9f6s8bGnvDwd/4Z2D25t/2Lx57y3Gu1zJ48oB9MMZ0
        2pGXeXPwuiXbcfjDc44fnSmOTw8WaRI++E1zqNIpaIs4zY3tnDB194rwyr5b2TU/bxHGP/5EeP+vhzSqmV1C4otXhAu9pqHT1xWOU+3/Ob57
        JDln/N07mns2Z471VkO+6xqS6x/Md11D5t2zjvrds9p/8+Nz3Zfhmiqn1HV1/Xo754TrKi5Ny99XmjYUf/xyTpzrWuo4zqcu9O2vD9I2POkA
        AAAACCdEv1Xm8Vsnd0rLk32V8CTojt6/sn6l6PdxHMf4jyv1I5XpxCOm0b3O9OE7HsXG5QPt5525EI+C/fzieFS/JjzxKIXWVzwK8jaA4PhL
        1jFrLss3EauVt+EFup9MXDfmwhwFE49i9RWKvE20hJ1k89wB496FYCdhnfFx/kMXHjspFPmyk/7521dMjxuwsflL+NRTSMutdt4mU0+3W43r
        nYUwR8HYSVZfobCTchQ4b0P21TJmny1b8X47I51mJEF48zZs3KanKLi4zXQJcHUpcRtZyHhUnO7bQ4uMuA17jjOQPe8qB38U7Plif7SxLDz+
        qPNpiNsAVh63UZevbdxmtIzuZwrX+XKYo2D8UVZfoXg/zSYJO8m+FyjgvrcS7CSsM4vt5BljeOzkdJUvOynzy9/a5xD2gnG8qTa06yEgMvjb
        z+yK1bVrsf9dsJNTRtpOKp7B8ZxKmKNg7CSrr+XayWgvYxbjc39Ny7vfxOf+W8Ejz35aeh9dnu7VkxcuRoS+Rd7yHt4aDwQXt+l7XlqO2I/M
        o9Jy5LEsqJOWayTjM0vLWUm79dJyxM7Yq6XliB1xHlxq3Ibl1XLjNEY//OqJsDjWWp1rr8L6Wl/n2sOnjzcjRB+rdT7tqwg5n7ZW+hiNUH2s
        VX5lbF3mV8Knj98jRB+rlSeZjYg8CQGbj8b/for24JIck8bHXlE2LsnxRfL+GPIPQVm4wSzcYBZuMGsPvb8RluV3bvK8p2PiUHC/a+qwtBwZ
        x70XpOUKcMnXBNhPEn/xiLQciS8oX7pfn4PojEh4DsLnZ23O2Nh+ljYD/Aop/RgyNrYdrY2I9eN/fWU8kXBnAAA=
        """
    /// `weights` as float16.
    static let float16Weights = """
        H4sIAAAAAAACA+1bX2xTVRg/97YdbaFbS5aBgmNCmAVhWzcoXWX/2FaKYiWyLIsP2EZKNsG2lrrgjMt8cCIxamJi8A9LjVMgmCkigyDBRIxB
        E3nwARMTo3sxPpjFB0OMDyLlfKf0nHJv23XbvSvf9/LtO/16z925v/P7feec21f9XT6b9V4rSZnZTIzETjLtBthEgI/Z50HwEvjD4E/IrF26
        9dlyaHfA9cW8nse7u1PZNwRj/fxmor6GoN2N5u/u2JXyfRA7wV+R+bwDoefD8YOERGOJgWcGhsJxaB8MpVpv47Qhz36V8Os30LjflB9+/7AU
        1i9aaePXw/jSxOeFnkoMDIYSA9EIjfeGIwfDzD/pInvj0Vj0uQTZdyCUSIQjaTwr8eLuwGNdEjEQM8sz8Hwt4pixf6+LzxuGeKyJ72/YzedV
        7aTeHSit56fEA7sW0ThmyY8H/rJRb8YpgTyQMd/etPB5ol75i+yX8oApjTvnIn7eijhmOPdU8HlBiEccPA+M3sPnTUB8dQWv19+u4fOmIS6v
        5fXx9fV83iTE1zbokwf6FtP4kC2TB4giD6AhD2TyAJuXR20i3mB+zlK/lAekdH8Ni/l+RByjFcYDIj/mqgfOV2I9gDyQXQ8kHXNbDyjht2Yp
        jdsr88Ovcxl/32h3N34ZnoKVfB6r61yCrrXPko794+CvK+IYTYkHTHTMJBbTSl2SaYMR8mCbICs23HziqUxHTQWRgQmsJmIFGby14kh9Lsv0
        gmZAiEGyL+MRw+yQpuPR4d2/+buzg94lzZfOHWtInh87G/W8uGXtJMWbfFunq9Svw/gwthwxpo43OkCSJAm4KhZfI7ACLRPu4LCuxqPc/cPa
        vxuV1FhcRedS47JVWE2iGmdXk9MrtKkmIythN6c6P/w+fT9Wk4jf7Gpyonp+q0nfSv66Io7RZlZNMlWXBZWXi1b7PcAcS3RVTb5z8ZeTP11c
        daH3yysesYIM1ORXQX6+GnFVSAUpzxqmvl7Dr3n0WUGePnO6SUl/xdOVXPrrW4f1I+pvdv1YV6tN/TgB/V51ZuIXT9XQ8sMv47Fpp4g3anN1
        qjZay/cj4hitMB4QT/9z6Vh5A+oY8kC2jl3foI2ODW6k8dv1qGNoM9exyfr51bHARr4fEcdohfGA+BZtLh275kYdQx7I1rFLTdroWOsmGu9x
        Z+LXoIjfxmbqa9j9d1HfDvGFHdTH8FGXNH4/g5jtxgY71XFW7K8IRB2r2sTrmIhjNCUeEPdazdw4Gm4+r9TfdjPbJaUzXXlPtQ4YQdxTTS6I
        8bCksWVMY6vao/4dxtlDXvU8Ngdee0g9j3HpF1tLHVsz3bc/AiMo/DSQHNX1eOxbr927WO9v5TFIBL7Wxi6Tr6TOspeIUR4xPUt2yy2mt8gn
        8gum+XuH6JsWmqHvd4imzL9KXeXanb3+3Eoz9HX2OmQfstdZ6iz1FfUV83dmeL3tzvqmL8T02Hps2rGNtUOPbPPyfdMfnnvj01dc44++d/nY
        /vEfx8588NH4f0ntxqlxG7Lyncblic6FwMq2U6PJP4+zSHxjyQUNLmhwNYKHlT2EhC30YcFCNoNnC5ct4FkR2izsDHpmtHIypn+v+X2Lej77
        v35vVc9j9/Fvm3oe2xlY3VFq1e1czYZ+H9YouUdpeLsea5S2B9tOxZ3xE1PHpx7Qbmze9WP9xsZicsdCqN+867wnKVOXpfd6H96m/h12RtTX
        rZ7H9pojPvW8IPgj29Xz+sF/nGNTmu0By4/oi6lnD1tLdy6UtQGeT6OpmdL5dG9AnFs89xRr/wMUgpjqrk4AAA==
        """
    /// `weights` as float64.
    static let float64Weights = """
        H4sIAAAAAAACA+1cb0xbVRR//ScFgoLpFJCwEroN4lhaKaNE5JWNYrc5htMPmJitzDFHtgGyDtk0pnFoWLLETZeMGZNVYzIWiZLpB5bNFA3J
        SDaJiZmSiaZOjTVqohsxM7oh975zS+8t77XlXx/sni+Hc9/pu6/3/e7vnHvvKUfcNbUZablpAhKjUdALmUKkTICM1dM2ue4BrQHdDbpXS9o1
        +Fo2tGfB/Vm/p7e6XMh7ghHST9AgabPA5W4Ut6saI7AB7CLQw1rab2/jwab2/YLQ2uZt3td8qKkd2jsaUesUTq1x9iuHX7dOsncb4sNvKDWx
        frksbfw6CF8aaL/G57zNHY3e5tYWyd7Z1LK/iejtNmFne2tb6wGvsGtvo9fb1BLGsxwvPlW3pUYj6AQj8dPRfM3imLB/0Eb7GR+BeWen+zOW
        0341dfDc9Uvr/cnxQH2KZLelxscDf2bAuPEpwXkgYr4dS6X92HjlnmW/Eg8YwrgrSqHnLYtjgnPHfbSfB2xfFs0DwRyGL3Khnzw6XtdbaL9O
        sHtW0vEx+2Hazwm2p0SdPNCQDt8nI5IHBFke4MJ5IJIHyLzsyWDxBvNmjvqVeEAT7s+aTvfD4phLYjzA8mOsfGDAxPMBzgPR+YA/a37zATn8
        mu+HeGuKD79tD9LPzeXuxi/Bk8dE+5G8zsbENeccxbFbWfR9WRxzkeMBgzRmGmJLmbpGKzXowQ+2CaJs3eQbR55ZZhHehVOwpwv2CXBAKw50
        XauVbmgEhOg0mcAcHuaJOpM9JOY7ul9FpPv7riLt/2rFNwF04aFR3C5cWvMT0k7bre9Re9B44HNkBx2vXEf2YG3n11iXf/oDah+svPEdvs+u
        E6MBCbfaqXj/gPLDEF4dyOZYVcatNEAajYbB52xxOpxDMxuRbrUNie/ntaMIZ75v7Scxfv8euSzKxXl2fR4rznuW8zyVx/noPNWdl5w8dRj6
        DeXHh99QAc9TOX6j81Tj8oXNU/159H1ZHHOZWZ5K4ryWifvaWcf/gQIaGarJUwc7dtxAeabnXPsZnIcGnr2JtO/4oRDOVz975g/cvjr/R5HN
        O3vN8eWd1kKOvUTyTu2c4c5pmT5iqS7vNPcOjWCcnRkakc032XOeWPH6y2Keb/J4HZ1vDqxMTr7pWCXZDcWR+OXne1ziwy/hsc5iFm+SzNf5
        XuYquh8Wx1wS4wG2DiFWHOux8jjGeSA6jvlKkhPHhDWQtFl5HOMy8zjmtC5sHBstofthccwlMR5g63lj7v+X8zjGeWCa/X97cuLYMPQbWhuJ
        X50sfi9WAF+AfcUFPAb22CZJt/FXvaTx20/WYaDzXMo4m+3vGaL2/+10HGNxzEWOB9h9VyM1jrrJ94X+zjSSGhVppivs6wMj6Jme/ItiPFLD
        2NJP7ek7lD9DOFv/qLIfmQN5lcp+hEuPPrbUsTXTPXxT5fRZU4/ah8R/6tRZMXm1YasBUR7msZJfG1a2J1SF9I6b/yLt3JOWg2tuni8KInvw
        WqGAa8Ru31mGtGezewy3f/C2FteCnR834Vqx9m3XUbvfss2A/d77bZm4cDVN71TRM52I6s6W/Fu7CvG4HfzrNn7m0/dWiMk7Cx4SJQ/VnQV7
        Ar9UixFaODJgwTjrlrTQf6ES2x9N6oU7w9RX05FHtTgLFmwpwzWaSCeP9yzrVMp7zqumDjw+J8+/IdUWXKvCtQbbL+Qj7ewYOobtc6X7kDb3
        p72Iz4TNfcdxjUJK7UvYr+KL17F9+a03sc7953AgeeN9Yj2PM/MZZ/SuRRJnnB+X9iE8+p/MeRXj+IUPTwfIRbYmzAYNNmiwwV6arVTSYApg
        CmSLpAw0WerBllr4fwFUMHupjhmtNfXh39p+UqXsT77XuKjsR57DVB1jEEF3rVtq64H5mh8W9yKZH57Ow2rKw57YoNI8TKj7r08EjfkkeOld
        ETS2f38N88rgpE7i+B3dyPPYRMbryqZFksf6QqH38W+TJjX81uie8B78+HrlD5MtTtPjyn7kDKAyxuY+yape3qDstxv0xY3KfmRv3rJZXfFg
        7nBmr1uM6yVeQ8BFSeRqCLrq2XlG89Bs5X9RxNIG3FAAAA==
        """
    /// `weights` as int32.
    static let int32Weights = """
        H4sIAAAAAAACA+1bPUxTURR+77WV8hepIYLaIAghxYRABRGEQIEWCxIg6sBAYhupaZMKBCpBw8DggAlDBwdGBgYGBgcHBkYHBgZHBwYHBoYO
        DAwOJEi95z56b/teX1tKeY9zlptz3+Gdcvvd7zv3p1+97qHykvslQtysVsEsVAiJdgYWHGd9+twHrQjtKrRbEu0X/z+rhn4bvJ+Pe/PK44lH
        n3FG8/yxkLZWQLuJ5vX0T8TbSfAd0O5JbFzY/ykwvyAIs3OR0IfQ58A89C/6470XOG3VmFcJv14T8YMWbfg9Ks4sL5qx8dtJ+dLCxvnfRUKL
        /khodob404GZhQBt3zqF6fnZudmPEeF92B+JBGZkPCvx4uuxcbcomAQrjTOxfM3jmLL/Fycbtw3+fhubb7uDjfs1StrjMWN9f0o8MFFE/Lli
        bTxwXE5aK04J5IGE+RYtZuN4vfLmmJfwgEXGnaOInbc8jinOO2+zcT7wV2wsD2zeY+P2wY89YPX6pJ6NszeQtqeR1cfdx2zcIfjm5uvJA5Ol
        xF8qT+QBQZEH0JAHEnmAzsv1ch5vMD8vKS/hAVHO11rK5uFxjJYZD/D8mK4e2KnEegB5ILke2LDltx5Qwm/tHeK7KrXh11XFfm60m41fiidf
        JRtH6zonp2uuS9Kxvzb2vTyO0ZR4wELGTKQ+qdRFiXSYIQ62CZJ80/nMj0dWWOkzsiKIrzTi/ZJEXmQFZJjEiioWEdRWdDl+BIfShX7fVY+n
        PLlajdhTxyEZIFEUObxli7t1WJGWcZmjuq01+TV2Oq1ueIi1Jmp1cq1ZZi9MrbkGebdrtOH3Wx3Wmojf5Fpzv+Zqa81pO/teHsdo2dWaVNsl
        TuulrDV/uY5FyvWqNSm38fvCfE0ZrtVWUx48QoxlUlNKOeMrVp+6oope83FJrcf8WUw6PY40YT2JepxcT041FqaePIC8p45E/OIZHJo2/FIe
        szfxeCOWrzO4H41sHh7HaJnxAH9XIJ2O9bSijiEPJOtYQ3NhdGwT8v5sQR1Dy17HDluuVseWm9k8PI7RMuMB/s5tOh0zP0MdQx5I1rFYW2F0
        LNxO/LWORPyaFPHr6xISdl3O+cNNWhf4cyPQ4ldtaPx+B38J2pNBdZzl+psDXsfc7ayO8ThGU+IBfr/Vyoxj5vurU8AIZi7Thi7Go1jGllnG
        1min+t9Qzt56rh5H58But3oc5dLTHsQWi62dbj1jK/WY5Pvu1j6gyBh3t/J/56isl/ylHu8cXfVZraOPZTZ9YCv/Z4wTrtSruihyEzNOwX5j
        c1O+x29rALk9k/E6GtQrt1Pj70k5ocMJHc4n0ML+AbgC3U6AZZHwFFq6PIJtKPk37l0Cu57qzGp9ZpZ/Q1rdq+3/cvWpx9HPMelSj6OP1/uN
        VkNf9pw4HcJ6R+tYVXuNUe/ke5xcw1gXpqx3RvRYFxIuvyXvOf8eUI+nZ1Uxj3qcfPb1Qj3ORzUizaZ3kL53WD2O7kXvvDQavvZG9YgvPCtH
        UzOls/KKcX5+sfyTq/0DKLyXiWhPAAA=
        """
    /// A whole model in the HDF5 form of Keras 2.
    static let legacy = """
        H4sIAAAAAAACA+1cTWwTRxQe20kwSUBBakXS0tYYEGkbhfyASCOahJIEpwoQAZVQUbuZ2Jt4YbNrdtcQQBGnSom4cORID5WqVqo49MAp5phj
        VFUqUg/lyJFKHCr1kM7uvtndGe86htjIlHkCDTPvzZuf/d6bmTdjVjPjk7ta32tFNiWTqAl1oCBtAq2fYfOUPwtpDNIVSH+M0/Jmh9cJ5R2g
        P5VgK148PzFhZzY58joCCpJI0NtImYmTM3Z6iYUDWo+zcot6TlalG7KykLfMAC7HXrHdPYBXHtftKAPw3Y3eIai8KhvYlK7LhqnoGinvisWc
        mh1eH5KMnbQEwBxz9I3Bv5OOvjmcvSpruS31JAJ64ky/djl63PnI6tq8soCcfqGK+lZ3+voSTnlLqP0+bXk5+y3sc9MhAeW32n4fQn4G0ofT
        9W2X4jXT5ebziNrvfYBvO7GTTqTim7IhaXhRNlFFO4m5uWbQQ9MdATtM0vKkzwvyW7h8E/nbGsg3V/QHqGp/sLOK+Tl96tx0DIFC3j8RGuzt
        P9bb7/oWTz+hK3iJya9CY7fTWRWbpjOT6eFU+oJ8rShrloLVdE8q7fohUn47TQVMRsAysKLhOdVmWUZRJkU562ZBdqoQX1Z0OGnH2zoKmcbG
        LxLRGV1VsjcjWptXdWwNDqSXCduQFxTTkg05RxVoRVW1OQ4YTFJwmR/OlFYoWtM2m2tgDlvZvGTmsdPXy7amntQA+fNNYAhe86TMLGDDtAvn
        sWra4zTwwoKcCxTQNhW7TUmljeoFiywxZLpAcpn0mO/mpIotS9YiJ8HjNsZ857CFpXndWMSWXSmbx5omqyYZs2mlw8Y3Lmtk7sKbzFFeY4yt
        qCmWDaVB8m+ctZTr2P58dn0La3lbddGUpTkFm343SZfI+CWFVCV2odwiHz6kz70BfsgATqu6oVtfaYo9sdwQTNlBmotSABhekk2/TC9aXGHl
        YdoD2GaHv5YN3WQ7WrlNmCYiUFSxAa1C/53+hHKgFmnEdBBicZXCGNeKmLioW86nk7zuOf0IQ6ehF8j8ReHT5zYGQg1s2dm+3gHbLTHI0HSF
        gJN6tcjxbmWNUn/j2eNAmT2qiiZjQ1jk/9AiT/ofOhw7mBFoDKSy6DT1eWsRL5Hl0N5RzBUVNSe5MAnbdCwvI39v6e1PCYE9evvWVkj9xtj9
        n1fP9VpevjmoLxCXoXzYY3h7UH7f2Bqxz2yD/LuQ+tvDI05TR2xEOPtjl/ZGybmgIqfgynJSv6txN/C7ouVAI0vrTeJsJ0iQoDeTLpw9Nx5z
        ogwupZrYOEAG8vkWMVfVxIn5+do6ToyqjhO3OuWJ0Hjsow/Y+JYbj0XR9ymCRDw2cJ9C7b9zHysX4+K1tfE3LV57D7vYdp5A/p/32Xue1Iec
        X4J8PgV8KH96lJVLHnPT7uOQQvmDU6zcOuSfTbhpHy2fZOWeQ75jir3PeD7FynV+Cfzp+vobfr7Y+59O5N6E+YHtPalRmPsxdLQNHd2EjTmN
        a/MU5W+ewoSvoOruf7oPivtb4W/K729XUqycf+5i7Wm797e8v2iHlTLKTra6/6H3IfHg+TJJdcP5FfJtjo4YY0e0X/f2gx88UJ0d9XULOxJ2
        5NsRfa2zcYCVo3EZb72s8Tkhv5+1Tx7HglDEehruB+4fcvOPDlfnB1Y+EX5A+IHy9fTJYVaOBi0hbLrt9ZT3A4VDrB/gcSwoyg+47yLpxMXg
        ZBKLuwU0rEzj5nw+Qb54zNnPfwS8FNqbRHvvAL+ZfCGbH4+7CpOAkERs41P2hENpqQHiUHF/PRusLE/xt/SxwFKQutXZ0R0v/v78Lrq9dven
        odHvf9gY+e2739cenx1Yy9w5U/r529Lan399NnLw1xsjQ2ZbKVj3yQOz9Mvm0trurtXSFW2h9OKP86Xz/6JRMauCBAkSJEjQm7avdPd9NG6V
        qNk+EvW4Eu1cD1YabD7C49cPjrO93eq8/WxYnLfFebv8vJ05zsrVK37N32PVOn7dFQC3/RYqGM/ehaLjVjNwAVYYrs6Ono8IOxJ2VB6/vjfM
        ytF3ivWKX3cPsfbJ41hQ1Hoa7gcunYB4zEh1fiBzUvgB4QfK19P7I6xcvePXfSdYP8DjWFC15ww2fp3g9hfl+Vc9d7T3sIih1Fjx63tfVJan
        +BsaE1h6mfNrvGY4OtgTvgK9GefXWXiHJt57CnqV9ZaiPjnJ4w32wzVql+4P+feVr+ud4sqUsBNB27eTvqnXYyf8++LXZSezZ4SdCNq+nVya
        rq+dUOJ/r0rfO9K4Ef29Kv0dqqUXJFW+LqsS+z9E0f7N1mmeqF3zvweotV3/B/HafrDITQAA
        """
}
