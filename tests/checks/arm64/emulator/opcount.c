/* QEMU plugin: counts the AArch64 instructions that a guest executes, by kind.
 *
 * out=FILE names the file that a line is appended to whenever the guest asks for process group MARK + number.
 * Encodings are those of the Arm Architecture Reference Manual, "Data Processing - Scalar Floating-Point and Advanced
 * SIMD". An instruction counts once, by the first row that fits it, whatever number of lanes it has.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <glib.h>
#include <qemu-plugin.h>

QEMU_PLUGIN_EXPORT int qemu_plugin_version = QEMU_PLUGIN_VERSION;

#define GETPGID 155
#define MARK 0x5EED00u
#define MARKS 0x100u

enum kind { SDOT, UDOT, MUL_INT, MUL_F32, MUL_F16, I8MM, BF16, SVE, MEMORY, OTHER, TOTAL, KINDS };

static const char *const names[KINDS] = {
    "sdot", "udot", "mul_int", "mul_f32", "mul_f16", "i8mm", "bf16", "sve", "memory", "other", "total",
};

static const struct {
    enum kind kind;
    uint32_t mask, bits;
} rows[] = {
    {SDOT, 0xBFE0FC00, 0x0E809400},    /* SDOT, vector */
    {SDOT, 0xBFC0F400, 0x0F80E000},    /* SDOT, by element */
    {UDOT, 0xBFE0FC00, 0x2E809400},    /* UDOT, vector */
    {UDOT, 0xBFC0F400, 0x2F80E000},    /* UDOT, by element */
    {I8MM, 0xFFE0FC00, 0x4E80A400},    /* SMMLA */
    {I8MM, 0xFFE0FC00, 0x6E80A400},    /* UMMLA */
    {I8MM, 0xFFE0FC00, 0x4E80AC00},    /* USMMLA */
    {I8MM, 0xBFE0FC00, 0x0E809C00},    /* USDOT, vector */
    {I8MM, 0xBF40F400, 0x0F00F000},    /* USDOT, SUDOT, by element */
    {BF16, 0xFFE0FC00, 0x6E40EC00},    /* BFMMLA */
    {BF16, 0xBFE0FC00, 0x2E40FC00},    /* BFDOT, vector */
    {MUL_INT, 0xBF20FC00, 0x0E209400}, /* MLA */
    {MUL_INT, 0xBF20FC00, 0x2E209400}, /* MLS */
    {MUL_INT, 0xBF20FC00, 0x0E209C00}, /* MUL */
    {MUL_INT, 0x9F20FC00, 0x0E20B400}, /* SQDMULH, SQRDMULH */
    {MUL_INT, 0x9F20FC00, 0x0E208000}, /* SMLAL, UMLAL */
    {MUL_INT, 0x9F20FC00, 0x0E20A000}, /* SMLSL, UMLSL */
    {MUL_INT, 0x9F20FC00, 0x0E20C000}, /* SMULL, UMULL */
    {MUL_INT, 0xBF00B400, 0x2F000000}, /* MLA, MLS, by element */
    {MUL_INT, 0xBF00F400, 0x0F008000}, /* MUL, by element */
    {MUL_INT, 0x9F00B400, 0x0F002000}, /* SMLAL, SMLSL, UMLAL, UMLSL, by element */
    {MUL_INT, 0x9F00F400, 0x0F00A000}, /* SMULL, UMULL, by element */
    {MUL_INT, 0xBF00E400, 0x0F00C000}, /* SQDMULH, SQRDMULH, by element */
    {MUL_F32, 0xBF20FC00, 0x0E20CC00}, /* FMLA, FMLS */
    {MUL_F32, 0xBFA0FC00, 0x2E20DC00}, /* FMUL */
    {MUL_F32, 0xBF80B400, 0x0F801000}, /* FMLA, FMLS, by element */
    {MUL_F32, 0xBF80F400, 0x0F809000}, /* FMUL, by element */
    {MUL_F32, 0xFF80B400, 0x5F801000}, /* FMLA, FMLS, scalar by element */
    {MUL_F32, 0xFF80F400, 0x5F809000}, /* FMUL, scalar by element */
    {MUL_F32, 0xFF207C00, 0x1E200800}, /* FMUL, FNMUL, scalar */
    {MUL_F32, 0xFF000000, 0x1F000000}, /* FMADD, FMSUB and their negations */
    {MUL_F16, 0xBF60FC00, 0x0E400C00}, /* FMLA, FMLS, half */
    {MUL_F16, 0xBFE0FC00, 0x2E401C00}, /* FMUL, half */
    {MUL_F16, 0xBFC0B400, 0x0F001000}, /* FMLA, FMLS, half by element */
    {MUL_F16, 0xBFC0F400, 0x0F009000}, /* FMUL, half by element */
    {SVE, 0x1E000000, 0x04000000},
    {MEMORY, 0x0A000000, 0x08000000},
};

static qemu_plugin_u64 counters[KINDS];
static char *out;

static enum kind kind_of(uint32_t word)
{
    for (size_t row = 0; row < G_N_ELEMENTS(rows); row++) {
        if ((word & rows[row].mask) == rows[row].bits) {
            return rows[row].kind;
        }
    }
    return OTHER;
}

static void count(struct qemu_plugin_insn *instruction, enum kind kind)
{
    qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(
        instruction, QEMU_PLUGIN_INLINE_ADD_U64, counters[kind], 1);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(block); i++) {
        struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
        uint32_t word = 0;
        qemu_plugin_insn_data(instruction, &word, sizeof word);
        count(instruction, TOTAL);
        count(instruction, kind_of(word));
    }
}

static void on_syscall(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                       uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
    if (number != GETPGID || a1 < MARK || a1 >= MARK + MARKS) {
        return;
    }
    FILE *file = fopen(out, "a");
    if (!file) {
        perror(out);
        return;
    }
    fprintf(file, "mark=%" PRIu64, a1 - MARK);
    for (int kind = 0; kind < KINDS; kind++) {
        fprintf(file, " %s=%" PRIu64, names[kind], qemu_plugin_u64_sum(counters[kind]));
    }
    fputc('\n', file);
    fclose(file);
}

QEMU_PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "out=")) {
            out = g_strdup(argv[i] + strlen("out="));
        }
    }
    if (!out) {
        fprintf(stderr, "opcount: out=FILE is missing\n");
        return 1;
    }
    for (int kind = 0; kind < KINDS; kind++) {
        counters[kind] = qemu_plugin_scoreboard_u64(qemu_plugin_scoreboard_new(sizeof(uint64_t)));
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    return 0;
}
