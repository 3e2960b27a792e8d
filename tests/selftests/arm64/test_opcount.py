import re

import pytest

from tests.checks.arm64.emulator.qemu import PLUGIN

ROW = re.compile(r"\{(\w+), (0x[0-9A-F]{8}), (0x[0-9A-F]{8})\}")


def kind_of(word):
    """The first row of the plugin's table that fits an instruction."""
    rows = ((kind, int(mask, 16), int(bits, 16)) for kind, mask, bits in ROW.findall(PLUGIN.read_text("utf-8")))
    return next((kind for kind, mask, bits in rows if word & mask == bits), "OTHER")


@pytest.mark.parametrize(
    ("assembly", "word", "kind"),
    [
        ("sdot v0.4s, v1.16b, v2.16b", 0x4E829420, "SDOT"),
        ("sdot v0.4s, v1.16b, v2.4b[3]", 0x4FA2E820, "SDOT"),
        ("udot v0.4s, v1.16b, v2.16b", 0x6E829420, "UDOT"),
        ("udot v30.4s, v1.16b, v22.4b[2]", 0x6F96E83E, "UDOT"),
        ("smmla v0.4s, v1.16b, v2.16b", 0x4E82A420, "I8MM"),
        ("usdot v0.4s, v1.16b, v2.4b[1]", 0x4FA2F020, "I8MM"),
        ("bfmmla v0.4s, v1.8h, v2.8h", 0x6E42EC20, "BF16"),
        ("mla v0.4s, v1.4s, v2.4s", 0x4EA29420, "MUL_INT"),
        ("mul v0.4s, v1.4s, v22.s[3]", 0x4FB68820, "MUL_INT"),
        ("sqrdmulh v0.4s, v1.4s, v2.4s", 0x6EA2B420, "MUL_INT"),
        ("smlal v0.4s, v1.4h, v2.4h", 0x0E628020, "MUL_INT"),
        ("umull2 v0.4s, v1.8h, v2.8h", 0x6E62C020, "MUL_INT"),
        ("smlal v0.4s, v1.4h, v2.h[3]", 0x0F722020, "MUL_INT"),
        ("fmla v0.4s, v1.4s, v2.4s", 0x4E22CC20, "MUL_F32"),
        ("fmla v0.4s, v1.4s, v22.s[1]", 0x4FB61020, "MUL_F32"),
        ("fmul s0, s1, s2", 0x1E220820, "MUL_F32"),
        ("fmadd s0, s1, s2, s3", 0x1F020C20, "MUL_F32"),
        ("fmla v0.8h, v1.8h, v2.8h", 0x4E420C20, "MUL_F16"),
        ("fmla z0.s, p0/m, z1.s, z2.s", 0x65A20020, "SVE"),
        ("ldr q0, [x0]", 0x3DC00000, "MEMORY"),
        ("ldp x0, x1, [sp], #16", 0xA8C107E0, "MEMORY"),
        ("madd x0, x1, x2, x3", 0x9B020C20, "OTHER"),
        ("fadd v0.4s, v1.4s, v2.4s", 0x4E22D420, "OTHER"),
        ("scvtf v0.4s, v1.4s", 0x4E21D820, "OTHER"),
        ("zip1 v0.16b, v1.16b, v2.16b", 0x4E023820, "OTHER"),
        ("sshll v0.8h, v1.8b, #0", 0x0F08A420, "OTHER"),
        ("b .", 0x14000000, "OTHER"),
    ],
)
def test_the_assemblers_encodings_are_distinguished(assembly, word, kind):
    assert kind_of(word) == kind, assembly
