// Made by golden_compiled.py; do not edit.
// Keras 3.15.1.

/// Model files, gzipped, as base64, with the weights and iterations that Keras has for them.
enum GoldenCompiled {
    /// An optimizer that is not known.
    static let adamw = (
        file: """
        H4sIAAAAAAACA+1czW8TRxRfO1+GghoKEh+ixVhCQEuC7diJk6AQ1AChoGIBFVEhLBN7bC+sd83uOtigqFS9pJUqoZ5ypDdUVRXlhFrV7aGH
        Su2hp7YqUoX4AyoOvfRE38zO2Lsb2zEhkKSZp4wmM+/NvJk3v3nzdtZ28mRb+xbJpt3S1e/G0qPwH0kbIeWxhdLIQr1XTF27GbqKDWTK09gw
        FV0LDQVDfb2ReG8kdCAYAiksm2gap0l9NBzt74lEeqLx0UhsKJoY6hsIzSRdqjb8/fmnx9ZJEkmvQE1K1zJKlinK6+miiklPVCVRkFKRacoa
        ytPqs/haEWuWglTKo22h/maIC5guActAioamaJeWUcRkwFa5gGmTBZWNnQPRpK4qqXIDbRlVR1ZfNDQDbANnFdPCBk7zDrSiqgLDzCFSqU9d
        wSlLVoihIrFwbCDRPxjtS/RHognSXEVlsC/wLswbWS/jzRvgCa1QtE4Rpmd8U8hK5WRQTKd6wR5IFP4mHRaojp6MsYAMk1RmkGoSMxkom6Vr
        yiu4ToXolFWuVC9YgAmwNpNsbAngtD6zYyqyLKw1NHuVu/wrPGPvAiRndCOPLNIolUOahlUTzGRazcExVVTUtOxQbNu33tLNPJMFx7AGC1p/
        UmnOW0X7o6gpFtkeYIoQSlnKNLKYMzL1jJVHJTKEoonlKQWZtenA0GElZAVag09QbgBq68yt18GvM9Hjqm7o1nuaQpbYM1UT023C5mKvHiph
        s1anFy1PZXMwkQk854Dfx4ZuugfaXCczEwgUVWQwrRyiZDx1OawVKDEpkixPo3qMa0UE7vkGXb0a7ptbpeV9EoNNMlmVbrKVlmpLUhPnC4qK
        nQ2IU8w3XLoqt87CHUmj/PkGmwlO5Lx8nTBVjAxN0bKyAacvsMK94XAkbFNsIDY4EItH+kDuOlayOUtO4xQqM7EYVakUNILk6pSzqj6FYCHn
        MUjNNFKLDvOQPYbzyHE0QEnO63k4dot5qmZwkNXqEDNcNxQIETIGPZhT5VpHqg4TN1MIbJeBHa07gJU1UFqB/mSUShXzADyKFlitgmNfTUGQ
        IkdshbwYZfrpAAqmolIXEcE94QHiN/Im6bmls4oOj7oXejTKKTB1VjeUFLET7C4ThmfoBer56ExsYzvGB0EUiNMjPUTmYSCY/WR1WUBjTYI1
        MYqajFEWG2rZYV86b7mADRmXcKrI/F4EOFcUS2b4Yy5vxhFufWaWJy9vHj0yd0iSSOomkZ2exmovG2tvLv7x+Nixjet3rKcNAgGpnUrV6Ckj
        0t5Z5vzLLPexfJbld/283kd521j9Jta/V+7cmaNHifRTD3E9jzrsPCAJWos0fvRIkuQTrLyP5T/53XLTsFlJbodFklR1th6chlvU65PaXPjt
        Zvjd1+XGv41fqSF+BQn8OvHL/dhshxdvNiWXSO/Zd0+PEQxzrz671a3nHiv/ut3OOc4LPW65OVZ+cNA9/mCbW26clXMd/6/14+eWd34b6J0J
        mX+HtAWsQoIIUt7u89EW3VXbBFx2IgfubFfNdsffPn3KJ7EGHjlCtXsNu8zdHutCYo/EEhuexM1PH/Ugb2flTpbbwWRtfrOvij0qSJAgQYIE
        CRIkSJAgQYIEvWhqdE/uvZ9Z6J488LrkuG0QtNbIe8/I8fRku1uO3xfx+yF+3zS6xPgt7LDLt3e2ht/u3QK/Ar81/PJ763s73XL8PU/13vk5
        9dr35P6qvgchjmubHrGytMeNz/Edbjkv3tfeOVb/fdkEs99lyekHxPsyQa35Ab7fHgS9eLNpad+X+ar6km+49ZRYeS4o1qgZ8fPfa6/Fvi8j
        77n4+zJ/k3jD66cXijcS+0S8IfzM/HgjuOfFxhuNzslb++udk03i5bfc4xYknveoH9zrluOfd4p4zs3FPu95z8nSHne/d1j5h71ijVo5J732
        Wuw52eE4J9tYe59DwMc+Oefz2xX8cyH88yTechsgikhuCu5ivKC0NSBt/aCqL0D5fr/dYYAhsM335E3mST0zLi2rvf2/Fw7/+zgwUrn/SWW0
        68ThDw/8NbL34uPKV53HK8MTF7/nz4Ec14/2N++P+92JAwLL7vPNizsbFz6fz4Wv58dZrqd+BDe7ouxx6cKlbyENN4pbvZ+vW+jcfxIVcas4
        9+fHrX8cXJ64NRF7trj1y7g7LhG0tvGbYPlctHncytl9LGewk+KeuDbYYtwaDrvbTbByKSrWqJW41WuvxcatnY64tb1u/OCWJ59oJ/93B6Rq
        vNA8Trgbd0e4nO6sCnuvq2K3s4rduVhrsek//c3luC8PJJrL8T2VGGwux7+bkxtqLsf39q3h5Y5NvdhabCzanqiPsbkVjS39tY+Glu85cdvg
        SnxOLEdHRiBVzpfOjECqxCuZEUiVze03RyBVls9e40Mr0V6/nXo4RNKP5zuGSbpf2TX8NaS+h4eGo5Be3vNgaXg1PA9+8c07I5AqL88utw+t
        Brv8Mt01/DOk5Emff0tb41+o4XSLztL1ezXept5fnKk1vSq5fn/G2bDed6drDf9cN/+b1MmTHZ32CrVJ90lccYyU/gOSJwNuaEcAAA==
        """,
        weights: [
            [0.94078076, 0.13367833, -0.27089494, 0.7852669, 0.4339333, -0.44210932, -0.19436142, -0.8607213], [-0.003392897, 0.003392897],
        ] as [[Float]],
        iterations: 9
    )
    /// An option of an optimizer that is not known.
    static let ema = (
        file: """
        H4sIAAAAAAACA+1cTWwTRxTetZNiaFGDFBUSQWssIaAlju044EQqUNVAKmixgIqoKFom67GzsN41u7PBAUVF6qHprRI95MiRQ6X+HYp6oD30
        wIFKqFKlVuqBU48Vhx4r0ZnZmfXuxHZMCA0h8xRrPfPezHvz5pt5b2c3Lp2M9/QrPu1Wzt/889+j+Bv5bMWfGkSgDBBIX3Jt63rqMnSAq81C
        xzVsKzWeTI2ks6PpbOpAMoWloOaCWVgm9blM7uBQNjuUGz2azY/nCuP5TGq+FFEFHwzc27VZUcjnZVyj21bFqDJFNbvsmZD0RFUSBboJXFez
        QI1Wn4VXPGghA5iUR9vi+uspLuBGBJADDAtM0y6R40FiMJqrQ9pkWWXFc1i0ZJuGPtdGW8W0ARrJpeYx24FVw0XQgWXegeWZJma4M4BU2tOX
        oI40gzgqm8/kDx0aK+QymZH8oRxpboI57F/Mu7DEsjTjLTHwPavuoVOEKdg3DZA+o2HFdKgXfENy+G8q5IHAemJjHTguqawA0yVuckC1SueU
        V3CdBtGpmVypXUcYE9jbTLK9JzCn+5EdNwFC0Grr9oC79jM8768CoFVspwYQaaTPAMuCpovd5KLO4Jj2DLOshRT7/m01dfNP5MEitPCEth5U
        mfPW0frwLAOR5YFdkQI6MmYBYpuRa1dQDTSICZ4LtWkDuM3hYNPxTGgGbo33BOMaRm2LsaVD/BYDPWHajo0+tAwyxcJQXUiXCRuLP3ugAd1m
        ne0hobIzmMgAntLgj6Bju1FDO+tkbsICngkcppVDlNjTksNaYSUuRRISGrViXPEA3p6v0dlr4r6zV7peJ3m8SKYC6Q5LabWWJHVxrW6YMNyA
        bIq1tlMXcFvFtxPFdoGtWiYcEwLHMqyq5uDAi+sz6WzGp2x+LJPNHsySBXIVGtUZpJWhDuaaA9NNo24RBAc1VdOeBngClzBIzSwwvZBbyNqC
        NdBcWrig1ewajrZejVoyNsZqbZwqXHUMnBlUHBqP9ZAVpo3H6+oAu6yCF7IdwlPVAWUD96cBXfdqGG8UJHiS6qHlFFGZIZEJkmm0Z7sKQVQ9
        9SeNeJqO3Vi1HUMnbsCLxsV9O3adbmjUUt+VYf0QYXEaqVPETgfg0U0FTscamxKsieNZGgRV6JhzoYhKx6XVoaPBBtQ9tp1lMeeSgTQGK+bu
        +VAW9YU7N/XaJ/H+0riikE8fSdjsMjTTzNb0zOhnE8XjW7cMbqENEgmlh0o16TEj0j5c5vyL7Kqy6wK73o7xepXydrD6bax/Ue7cmWPHiPRj
        gbieh73+NaFI2og0ceydErlOsvI+dr0Xi8rN4sVKrn62oyjBHirgNNOlXlWJR/Dbx/C7b1MU/z5+lbb4lSTxG8Yv38cWekW8+VRaJb1nPzhd
        JBjmu/rC9qier1n5wYB/5TivD0XlFln5znDU/mQ8KjfByjO9L9b88bglju8VehRCxt+r9GOvkCSClAdUlbboC3yTiPiJBNyFTU3fnXj39ClV
        YQ0EOULN4wq/zLc91oXC7nQVZp7C3U/v4PC1h5U5H2eJkfEtvCrXqCRJkiRJkiRJkiRJkiRJkvSsqd05uXg+s9w5eWKXEjptkLTRSDxn5Hh6
        NBCV4+dF/HyInzcdXWX81gf98uc7u8Nv326JX4nfJn75ufXXO6Ny/DlPcO78lHr9c/JYoO9OiuPap4esrOyJ4nNiMCon4n3jxbHWz8smmf8u
        KuF9QD4vk9TdPsDX252kiDefVvd5mRroK70e1dNg5cWknKNOxOO/6K+VPi8jz7n487JYh3xD3KeXyzcK+2S+IfeZpflGcs+zzTfaxckb+1vF
        yQ758ltRuyXJ+z26D+6NyvH3nbJC3Fzp/Z4YJxt7ov3eYuWf9so56iZOiv5aaZzsDcXJOGuvhgRU9uacGvMr+Hsh/H0SsRzHiCKS25JvMF5S
        2Z5Qtn8c6EtQfizmd5hgCIyrj95kO6kw4saa+vvcGfPIr48HD//11c27Wz59/8h3xd8O6+iPuz9/P3kX/X3+R34fyHH9cH/n/vi+O3lAYjka
        30Tc+bhQVTWCr6fH2cxQ6wxu4bnyh3VveBx/fmiXt4rv1y0X9x/lZN4q4/7SvPX34bXJWwv5J8tbvxxtHR0kbUz88vf5F3Od81bOHhHy2G7f
        5xfz1kwm2s8kKzdyco66yVtFf600b42H8taelvmDKN9Hv/cllCBf6Jwn3B6NZricbq0Lf28OsNsTYHcx311u+s/BznJ8L08UOsvxvbow9qLl
        piK2VpqL9hRaY2zxufbHL/fvv71294k7xtbjfeL/d38zMb6e7m9KJ9VYf7z9D4ZwukFHGfn5ELGp+AMgzaaXlcjPgYQbtvqf12bDbzYv/Q/Y
        0snel/wZiivf4utwkZT+A/zeNaL3RAAA
        """,
        weights: [
            [0.9231312, 0.1513665, -0.28845137, 0.8028418, 0.41653976, -0.4247161, -0.21163851, -0.84348226],
            [0.00067055866, -0.00067055866],
        ] as [[Float]],
        iterations: 9
    )
    /// Weights of losses, which are not known.
    static let lossWeights = (
        file: """
        H4sIAAAAAAACA+1cTWwTRxRe2wk4/LShQgqktBhLlNASY29s4jiEH0EgCFqsQqUICMtkPbEX1rtmf4IDihqpl7SHFqmqFPVSbuXQA6p6QEIJ
        9FZxqrgUhFShquLMoYdKlUpndmfs3Y29MSGQpJmnjCYz7828N2++mXk7azt7PNS0kbNpG/dG57f/HkD/4bQepSI0QA4YIHZRV5Vr0UtQA7ow
        CjVdUpVoJhLtiiVSsUR0VySKpKCgg1GYw/V8nN/TmUh08qkDiWSGT2eSXdHxrEvVxN8/P+1v4Tic1qIaUVVGpDxRVFRzpgxxT5ZKrECUga4L
        Ciha1afgZRMqhgRki2e1RfXXolRAdwkYGpAUMGx1aWgmxAYbYyVoNZlT2eHTSDSrypI4VkfbiKwCo4uPjiO2BvOSbkAN5mgHiinLiKEXAK5U
        hy9C0RAk7KhEMp7sTqPE811dCR43l8EY8i/inZ1lWYzwZhl4TCmZxgnM9Ng3DAyxICDF1lDP2obw6G/I4YGK9djGEtB0XDkCZB27SQP5vDWn
        tILqlLBOQaZK1ZKBMIG8TSTrewJxGh/ZERkYBlTqur3CXfwZHrdXARBGVK0IDNxILABFgbKO3KQb/uAYNiU5JzgU2/6tNXXjL+TBw1BBE1p7
        UDnKW0brw1QkAy8P5IooEA1pFBhkM9LVEaMIytgEU4fCsAT06nCQ6WgmBAm1RnuCdBWhtsbYYg5+jYEelVVNNT5RJDzFnqHq0FomZCz27IEy
        1Kt1qml4Kv3BhAfwkgafgZqquw3110nchARMGWhEK4Uotqcmh7RCSnQLSYanUS3GZROg7fmqNXtV3Pt7peF1kkSLZKgi7bOUFmpJWi4uliQZ
        OhvgTbFYd+oq3BoTdzAHinXWEiAsGQJNkZS8oKGjFzHisXg8Ebcp2Z3s6U6mEl1I7gqU8gVDyEERjFUHJ8pSScEortTkZXUYoEmcxcA1o0A2
        Ha7B6wsWgeNYQCWhqBbRkWsWLWN6ekitiuKFK5qEwoMRzTqURYcZsooGrYsA+W0ErWbVAaq8BnIS6k8AomgWEegspKCZKjnW1DAKUISErZAW
        eaLfMqCkS7K1PSRgZ7wb7xlFHffc0DllmYenmpyLgohcnVc1ScSOQktLR/ZpamksOkTHYnvbahSPpXA1iqFQA7sbPBQNiLa8LYqUViXIqDRT
        ESDIQ00ec7jYGrpQgpoAy1A0ybaXQJyLkiEQ+JEdb9wRbX2jjw1pX45umdrLcTi14sBOzUE5RoyNFVKfDxw+sn5N+xqrQTjMNVlSVXpOCLd3
        lin/AskDJJ8k+c0grQ9YvE2kfgPp3yt3+uP+fiz93ENUz5NmOw9zjFYiDfQfzOJ8kJQ7SP5L0C03ipYrzu2oiOMqe60Hp/EG9Qa4kAu/rQS/
        Havd+Lfxy9XFLyOGXyd+6T422ezFm03ZBdJ76qOThzGG6a4+2ebWc4uUf91s5xTnpU633BQp397ttj8ScssNkHKh+f81f/Tc8o5vnXVlgsff
        zG1EXsFxBC5vDgSsFq0V34RdfsIH7uTqqu+OHjp5IsCRBh45TNVrDbtMtz3SBUeeiDliHkfdbz3pobyJlGmOg0nn+CbfZGuUESNGjBgxYsSI
        ESNGjBgxetVU757cez8z1z15+B3OcdvAaKWR956R4unZZrccvS+i90P0vunAAuO31G6Xr29pDL+t2xh+GX6r+KX31re2uOXoe57KvfNL6rXv
        yYMVfbejFNc2PSFlbrsbnwPtbjkv3lfeOVb7fdkg8d8FzrkPsPdljBrbB+h6ux3x4s2mhX1fFqjoy77r1lMm5akImyM/oue/11/zfV+G33PR
        92VBn3jDu0/PFW+kO1i8wfaZ2fFGZPurjTfqnZMTO2udkz7x8gduuxmx5z1rH9zhlqOfd0p4zs35Pu95z8nydne/N0j53g42R42ck15/zfec
        bHackyHSPuAQCJBPzgWCdgX9PAj9PIm3HEKIwpIbIlsJL8K1hbm2Tyv6whY/GLQ7DBMEhgLP3ic7qWfE5UX1d++j0n7+z/A+7qcvZtpaju3/
        Ovb7vkPn/5gph4/ODJw5d5c+B1JcP9np3x/ddwd3MSy7zzcv7mxcBAIBF75eHmeFztoR3OSS8sfb587faT93vrde3Or9fN1c5/4znsWt7Nyf
        Hbc+3L04cWs6+WJx6w8pd1zCaGXjN03yKd4/bqXsLpIT2HEpT1wbaTBujcfd7QZJucyzOWokbvX6a75xa5Mjbm2qGT+45fEn2vH/rWGuEi/4
        xwk3U+4Il9KNZeHvlgp2V1WwO5VsLDb9a4+/HN3Lw2l/Obqm0j3+cvS7OYWMvxxd2xO9ix2berE131i0KV0bY1NLGlvqW59lFu85cVPPUnxO
        /I2f6XvIz0zfKz/ou1t+MP39zNM+lKa/avqnD6XpxfPXQGYp+sv88HGPjtJ7g80ZnDrubs3sQGnm8d7MNEqv73mw3LscngfX3bnft/bO/enX
        55fre5eDX3qurM6kUcoeDwQ3hur/QA2lCWuUrp+r8Tb1/uBMteklzvXzM86Gtb47XW34qGX2N6mzx5tX2TMU4n5E+XdHcOk/DHwnm2dHAAA=
        """,
        weights: [
            [0.9408147, 0.133683, -0.27090454, 0.78529495, 0.43394908, -0.4421254, -0.19436824, -0.8607526], [-0.003392941, 0.0033929409],
        ] as [[Float]],
        iterations: 9
    )
    /// Loss, metric and activation given as functions of Keras.
    static let functions = (
        file: """
        H4sIAAAAAAACA+1cTWwTRxRe2wmYAGqokCCIFmMpBVpibMdJnAQZUBMSflpSoFJEGpbJeuwsrHfN/gSHKAKpl7SHil7a3MqlEoceUNUDUlrD
        sapUqRcqKqQKVe25HHrojc7Mzti765+YEEjSzFNGk5l5M+/Ne9/MvJ21PXIq0LRdsGmv8NffH/x7FP2H01aUctAEaWCCyGVDU2fCV6AODHEK
        6oasqeG+ULgzEuuKxMIHQ2HEBUUDTME0ro9H490dsVhHvOtoLNEXT/YlusOzIy5R41/8/HBziyCQhGokTc3IWSoop6UtBeKRiEgsQFKAYYgq
        yJHqc/CqBVVTBgppI31R/UyYMRguBlMHsgomyJCmbkGssDmdh6TLosIGziPWEU2Rpeka0jKKBszOeHgWNeswKxsm1GGaDaBaioIajEmAK7WJ
        y1AyRRkbKpaIJnqS0Wg82tvZnUji7gqYRvZFbWMVmkVoW4WCJ9S8ZZ7GjR79JoApTYpIMJnqmK1IHP2NOyxQ0h7rmAe6gSszQDGwmXSQzRKf
        sgomU8YyRYUJ1fImwgSyNuWsbQnU0vjMjivANKFa0+yl1pX38Ky9CoCY0fQcMHEnaRKoKlQMZCbDrA+OCUtW0qJDsG3faq6bfS4LDkAVObT6
        pNKsbQ2tD0uVTbw8kCnCQDLlKWDSzcjQMmYOFLAKlgHFCRkY5ekg1ZEnRBn1RnuCfB2htsrcIo72KhMdUjRdMz9UZexiz1QNSJYJnYvtPVCA
        RrlOs0xPZX0w4Qm8oMIXoK4ZbkXry6RmQgyWAnQqlUEU61O1hfZCQgyCJNPTqVrDVQug7fk68V4Z9/Wt0vA6SaBFMl7irrOUlmtJEhPn8rIC
        nR3wppir6bpSaxXHHUuDXI21BGiTAoGuympW1NHRixqikWg0FrUp0ZPo7Ul0xToR3zUoZydNMQ0lMF2enKTIeRWjuFSTVbQJgJxY0YBrpoBi
        OUyD1xfMAcexgEpiTsuhI9fKEWV6e2mthuKFa7qMwoOMTg5lyaGGoqFJGxJAdsug1aw5QJXVQVpG44lAkqwcAh1BCvJU3rGmJlCAIsZsgawY
        p/KJAnlDVsj2EIMd0R68Z+QMPHJD5xRRz+M7jApTVqv4LGOpEtmLnH6jJ6ooISdlNV2WsInRojTQzHQtTzbMSvnlsZgWou1Gx9RRbIaGq4gU
        lkE/bHAdSIvrNl6CF2ou60MV1C1VhCALdWXaARTiQDEPdREWoGTRzTuGWi7LpkgXEd23Zx0x45fG9PiNwQc/zR8WBJxacXiqpaESoZaJTHZ9
        MjxwfGvLrhbSIRgUmghXmZ5Rwv2dZdZ+ieY+ms/R/I6f1ftI205av42O7+U7f3ZwEHM/8xCT86TZzoMCp/VIw4PHRnA+Ssv7af6j3803hZYm
        zu3YThBKJ4YHp9EG5fqEgAu/rRS/+ze68W/jV6iJX04cv078sn1srtmLN5tGlknuuffPDGAMs119bodbzl1a/qXNzhnO8x1uvnlavnfIrX8o
        4OYbpuXJ5v+X/9i55Z3fFnLxg+ffLGxHVsEnPi63+XykR2vJNkGXnfCBO7exbLuhd8+c9gm0g4cPU/lyxi6zbY8OIdDneoGqJzDzk+dVlDfR
        MstxSOyc39xrfI1y4sSJEydOnDhx4sSJEydOL5tq3ZN772cWuycPviE4bhs4rTfy3jMyPD1tc/Ox+yJ2P8Tum44uM37zu+zyrd2N4bd1L8cv
        x28Zv+ze+u5uNx97z1O6d35BufY9ub8k716Y4dqmJ7QstLvxObzLzefF+/o7x6q/Lxul9rskOPcB/r6MU2P7AFtv90JevNm0vO/LfCV5I2+6
        5RRoeT7EfVSP2PnvtddS35fh91zsfZm/Trzh3acXizeS+3m8wfeZyngj1P5y441a5+TNA9XOyTrx8jtuvTnx5z2yD+5z87HPO8U85+ZSn/e8
        52Sh3T3ubVp+sI/7qJFz0muvpZ6TzY5zMkD7+xwMPvrJOZ/frmCfB2GfJ/GWAwhRmHNbaA9tCwk7gsKOGyV5QdLu99sDBikCA76nb9Od1DPj
        worau/e3/JGuP4Mp/3efFts2nTjyeeT31LGLfxRngkPFwQsf3WfPgQzXTw7UH4/tu6MHOZbd55sXdzYufD6fC18vjrPJjuoR3NyqssejsYsL
        j8cu9teKW72fr1vs3H8a53ErP/cr49ZHh1Ymbk0mni9u/abLHZdwWt/4TdJ8Pl4/bmXNnTSnsBO6PHFtqMG4NRp19xul5UKc+6iRuNVrr6XG
        rU2OuLWpavzg5sefaMf/twaFUrxQP0640+WOcBndXhP23lTC7oYSducTjcWm/3TX52N7eTBZn4+tqWRvfT723ZzJvvp8bG3f7F/p2NSLraXG
        ok3J6hibX9XY0l7/uG/lnhN39q7G58SH8VTq13iq+EPhbKpYOFv8uphJoVT8rGkmhVJx5ew13Lca7ZV/73HfVZTaR5v7Sbq/p/8tlBYeH+7/
        HqVX9zxY6F8Lz4ObF06mtiycLL46u9w6vBbs0n1tY38PSiOnfP7tgdo/s8PoJpml60d3vF29P5tT7npFcP2IjrNjte9Olzt+1VL5TeqRU80b
        bA8FhG9RDodw6T/gS26wLUgAAA==
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
        H4sIAAAAAAACA+1czW8TRxRfO0lx+FBDhQRBtBhLKdASYzvONzJETSB8tFhA1Yg0LBN74iysd83uOjhEEUi9pD1U9JZTxaUShx5Q1QNSWsOp
        qnrqpVUqpApV/QOQ2jt9Mztj725sx4RAkmaeshrPvDf73rz5zZu3s46TZxsad0k2HZAW7+/45wR8ItcOuLLYQmlkofA1U9dmQtexgUx5Chum
        omuhvmCoIxztDEdDR4IhkMKyiaZwmrTHIrGu9mi0PdZ5Ihrvi/X0xXtDs0mXKj3xyU+DzZJErm3QktK1CSXDFGX1dF7F5E5UJVGQUpFpyhrK
        0uaL+EYea5aCVMqjfaF9JsQFTJeAZSBFQ+P0lpaRx8RgazqHaZdllQ1eAtGkriqp6SraJlQdWR2x0CywDZxRTAsbOM1voOVVFRjmJCKN+vg1
        nLJkhTgqGo/Eu3si8a7erkgk2kW6q2ga/Au80SWWhRlviYGntVzeOkeYHvvGkZWalEExHeqobUgM/sYcHihZT2zMIcMkjRNINYmbDJTJ0Dnl
        DVynQnTKKleq5yzABHibSVb3BHDqH9lJFVkW1qq6vcRd+xmetVcBkid0I4ss0ik1iTQNqya4ybRqg2M8r6hp2aHY9m+lqZt9IQ8OYg0mtPKg
        0py3gdZHXlMssjzAFSGUspQpZLFgZOoTVhYViAl5E8vjCjLLwwHTYSZkBXpDTFBuAWorjC3s4FcY6ClVN3TrY00hU+wZqonpMmFjsWcPFbBZ
        btPzlqexNpjIAF7S4MvY0E23obV1MjeBQF5FBtPKIUrsqchhvUCJSZFkeTpVYtzIIwjPt+jslXFf2yt1r5M4LJKxknSNpbRaS5K6OJtTVOzs
        QIJiturUlbgVJm4gjbJV1hJiLBUjQ1O0jGzA1guMSBiWSMSmeHe8tzveGe0AuZtYyUxachqn0HR5cClVyWkExaWWjKqPI5jEJQzSMoXUvMM1
        ZH3hLHJsC1CTs3oWttx8lhrT28tadcgXbhoKpAcTBt2UUw4zVB0GbaYQ+G0CVrPuAFXGQGkF7iejVCqfBdBRpMBM5RxrahwSFDlqK+TVGNNP
        DciZikrDQxS3R7pJzMia5M517VPUPBpa6LYop8DTGd1QUsRPsLJMMM/QczTq0ZHYvnbYBwkUiNPtfDQ0AAMxEAx/bKw0L6CzLMM6GXlNxiiD
        DXXa4WE6cjmHDRkXcCrPol4UONcUS2boYwFv1pFszZvTY7eHHv8yfww+w9VC8jo9jdUwszY82fn58ODJHVv3bqUdAgGpkUqV6Tkj0t9Z5/yr
        rPSxco6V9/283Ud5e1j7TnZ/r9ylC0NDRPq5h7iep012GZAEbUYaHhpIknKE1Q+x8me/W24Klisp7aRIkkqh1oPTSJ16fVKDC78tDL+Htrjx
        b+NXqopfQQK/TvzyODbX5MWbTclV0nvxo/ODBMM8qs/tdut5wOq/ttolx3mu3S03z+oPj7rtDza45YZZfbLp/zV/fN/yjm87PTEh42+SdoFX
        SBpB6q0+H+3RUvJNwOUnsuHObSn77tQH58/5JNbBI0eofKph13nYY7eQ2AOxxMyTuPvpgx6UjazOS5JLOsc396ZYo4IECRIkSJAgQYIECRIk
        SNCrpmrn5N7zmeXOyQNvS47TBkGbjbznjBxPz1rdcvy8iJ8P8fOmE6uM39xeu353X334bTkg8CvwW8YvP7d+sM8tx9/zlM6dX1KvfU7uL+l7
        GOK4tukpq0ttbnwO73XLefG++faxyu/LRpj/rkrOOCDelwmqLw7w9fYw6MWbTav7vsxX0pd8x62nwOrzQTFHtYjv/15/rfR9GXnPxd+X+Wvk
        G944vVy+0XNI5BsizizNN4JtrzbfqLZP3jlcaZ+skS+/77ZbkHjeo3HwoFuOf98p6tk3V/q8590nC23u+95j9ccHxRzVs096/bXSfbLJsU82
        sP4+h4CPfXPO57cb+PdB+PdJvPUGQBSR3Bncz3hBaXdA2n27pC9A+X6/fcMAQ2CD79l7LJJ6RlxYU3/3/pE73vl3IOH//otia/Pp41+F/0wM
        XPmrOBM4VRy6/Okj/hzIcf30cO378bg7ckRg2b2/eXFn48Ln87nw9fI4m2yvnMHNrSt/LI5eWXgyeqW/Wt7q/X7dcvv+s5jIW8W+vzRvXTy6
        NnlrT/zF8tZvO915iaDNjd8eVs7HauetnN3BSgY7qdOT1wbrzFsjEXe/EVYvxMQc1ZO3ev210ry10ZG3NlbMH9zy5Bvt5HNLQCrlC7XzhPud
        7gyX070N4e/mEnbfKGF3Pl5fbvpvV205HssDPbXl+Jrq6a0tx/83Z7Kvthxf23f61zo39WJrpbloY09ljM2va2zpb33Wt3bPiXt61+Nz4m+x
        ROL3WKL4Y+FColi4UPymOJGAq/hl40wCruLa+Wu4bz36K/fhk74bcLWNNPXT69H+/nfhWnhyrP8HuF7f82ChfyM8D25bOJPYvnCm+Pr8cvfY
        RvBL180t/d1wJc/6/Lsaqv8+Dac7dJSuX6vxdvX+3ky563XJ9eszzo6V/ne63HGxeel/UifPNr1hz1CD9B2UX58ktf8AbVyyvmZHAAA=
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
        H4sIAAAAAAACA+1cX2wcxRnfPdvhoKUxyEpICMWcSJPQ2Nyd72zfkUscYidOYuyDpJJFlG7Gd3vnTfbPsX/MGWQRUVVyxUufKquq1Ei0Eg88
        hEa0BmGSN/wACFWqBH1K1YJQn/KAykNR6czszN3Oem99cewkF8+XnCYz881+M9/85vu+/Xaz+ZNt7V2CS08IF0785OgQ/Bf6PQh/mmyDIrBB
        73nL0F+NXZBNYEkzsmkphh7Ldsf6ehPp3kRsf3cMcsmSBWbkImpPxpP9PYlETzI9lEhlk4PZdF9sLs+IurLzjb+dvl8Q0O8HsKVg6CWlTARp
        RtFRZXQlLBIJKKjAsiQdaLj5lPySI+u2AlTch8fC9ldjlMFiGGwTKDqYwpe0TUdGE7ZnKzIesqqw4dOQNW+oSmG2gTRNqcpFqaQawE70x+Yg
        kymXFcuWTdhMmHRHVWGHNQ1QozF1Xi7YkoLUlUjFUwMDmUwf/NPfn0LDVTALtQz7zqyYXy/pWzHN43rFscdQp2+WU8AuTEtQMF7wGXciSfj3
        rEcPMTz7viQaa1WAaaHGElAtpCwTlMt4Z2kDlakgmZJKhRoVGyID6pxwNtYE7Gl+ZUdVYNuy3kD5pXrv3bLPc+6JAFLJMDVgo6GFaaDrsmpB
        ZVl2OESmHEUtSh7xrpaDNnDupvQ4LOtwW4OXVqR9LXdWHF2x0VGBComBgq3MAJuYJ8so2Rqoook4lixNKcCqLwouAO6HpMDR0Eoor0AEB6yw
        19MfsNxjqmEa9s90BW20b8GWjI8MWYu7h6AqW/U2w7F9jeGQQgu4xQm/KJuGxU40XCZRE2RwVGASqRSoaD6BPWQUFGJhPNm+QUEdLzkAGuxX
        8O7V0R+ulaZPSwoelbM17pADtV4HE6tYqyiq7B2ADKTWcOtqvQEbd7gItAYnCrpoTcJeWJWBqSt6WTKhO4Zd8d54Ou7SQCodTw/G+yHXy7JS
        nralolwAs/XFFVSloiMU11rKqjEF4Cau6EAtM0B1PKpB50vWgMdFwJqkGRp0wo6Gp5LJkFYDRhAvmwoMGEomdtMFzzRUAy7aKgCotxI8zYYH
        VGUTFBV4PQkUCo4GQYeRAneq4jlTUzBkgcrAAmk1SeTjCVQsRcXmISH3xAeQzdAsdOWmfBaeHjYt2EVKBajnsmEqBaQneLIsOD3TqGDbh1fi
        6tozPxhSQXbs2mNoHSaAqz9b2xUosc5BhpiOLsmgLJvqrEe/eN1SRTYluSoXHGLzErDnvGJLBHvE3M15gq/fWrNny/8Rfrn4vCCgXyeK84yi
        rPaSufZOp381Onz0wQd2PoAHRKNCO+aq0/eE0HhvnfafI6VIynlSvhWh7SLue4S0P0Su7+c7/cLICOL+3kdUzvUOt4wKnDYjjY4czqNyktT3
        knI5wvLNwMOKSjcwEoSaofXhNN6kXFFoY/DbSfC79z4W/y5+hYb45cTx68UvtWPzHX68uZRfJ7mnxieGEYapVZ/fzsq5TOqf7XBLivNKD8u3
        QOqLT7Pz725j+UZJfbrj3to/6rf86/shzqCg9XcIXVArKIhA9R2iiEd01nQTZfSEHO78fXXdHTsyMSYKZICPD1E9y+HWqdkjlxDIrbFApidQ
        9eObPVi2kzpNy3iCL8ZE0nFbSOlGnHU9nNvKzzInTpw4ceLEiRMnTpw4ceK0VmqUJ/fnZ1bLk0cfEzzZBk6bjfx5RoqnGztYPpovovkhmm8a
        Wmf8Vna69V/vag6/nU9w/HL81vFL89aXd7F89DlPLe98i3LdPHmkJm8xRnHt0nVSF3az+BzdyfL58b75/Fjw87JJor9zgtcO8OdlnJqzA/S8
        LXb78ebS+j4vE2vy8j9m5VRJfaGb71EYUf/v19dan5eh51z0eVkkJN7w2+nV4o3BvTze4HZmZbzRvXtj441GfvLiviA/GRIv/5SdNyd+v4ft
        4B6Wj77vlPD5zbXe7/n9ZHU3e91LpH5tD9+jZvykX19r9ZMdHj/ZRsaLHgaRvDknRtwG+l4IfZ/EX2+DiEKcD3U/Tvq6he1RYftrNXlR3B+J
        uBeMEgS2iTeeIpbUt+LqHdX3238dOPQb588HH/+HcPXvI68f+uC/Rw5+VRr78N//+9eHqd8/epXeB1JcX98Xfj1qdyf3cyyz/s2POxcXoigy
        +Lp1nE33BEdw83eVPqxH31v65vX3co3iVv/7dav5/RtJHrdyv1/3+9TKfv50cNyq6Lpsel71o/5icJ3i1sFUUNwaaYjft9PsvC8Ore99PKfW
        wO9l6j9J+dkhirMG9/fPkoaRcDxOHmfxyMat9TzvQpKNW/3Xp/Y1Hmf5Jkm9mtzccatfD2uNW7s8cWt7YPzA8qM32tG/O6NCLV4IjxPeSrMR
        LqVLLaNzF7vtNUwupJqLTb/pD+ejZye6ijOgtnpX5l6LTf3YWmss2j4YjLGFe0AnN3veHsm08nnbsqE42Z9tTZxcPLr+OBl6ppVxEt1QnJw+
        0Io4+eTjsdydyztN5+7GvNPxv7yZ0z54cyn5/ru5sWvvLg3/7qPc+B8/Wtr2zhe5f179YunO6Wvh4N2oryOnvsv86Mx3mS8PbMvuGdmWPfVt
        POuIiezPvx3PXhUmsrcvv7R8qBXyS7k/XMntW76yROv+fD+9TekjJQ0dSVAs0BBxwJcXyAi++54NiWm31P4/dzwbzk/XNfxMOB+d/+SBcL4h
        upu5Ve5XSbl4MJyP5i+WD9/p+G2jzsPnz7bCeXj4F1uz429sza76/HQ0eDWcNlceasXz/xGWb72f/6+Gy49PsPaO0+bGJfVni8eC/WGzfl4U
        gqM91h/Xn+tf8+VHq+RcLBzjexRGtffffPpaa34U5SNofrRjQ/I1yyda/T6cxpK1d0WPh4+htr5rLJyP5kf3PhfOR8/U5Hg4H4115yeai3Uv
        3eaHYhuXz3jyOZ7PuFmdDY7zfMZN5X8meD4jNN+Tb6V8xu3Ty+XnW+m+Nn9SjHS1Nf6eN6WLeJXM1739Q/3f564PvSAwX+v2Dgz6tmR94Nf3
        r/zSZP5kxxZ3h9qEP8Hy0zOo9n9yUQgyllwAAA==
        """,
        weights: [
            [0.71805835, 0.35636586, -0.5034351, 1.0177567, 0.19138998, -0.19961128, -0.44725734, -0.607898], [-0.09038439, 0.090581805],
        ] as [[Float]],
        iterations: 8
    )
}
