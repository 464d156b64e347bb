"""Numpy's default random generator as kernels: the same uniforms, bit for bit, wherever a kernel runs.

Sources: M. E. O'Neill, PCG: A family of simple fast space-efficient statistically good algorithms for random number
generation, Harvey Mudd College (2014): PCG XSL RR 128/64; and for the seeding numpy's SeedSequence, after the same
author's seed_seq alternative (2015). A stream's state is int64 [4]: the upper and the lower half of its 128 bits, then
of its increment's.
"""

import numpy as np
from numba import types

from mtlcore.compiled.deferred import kernel
from mtlcore.compiled.signatures import Floats
from mtlcore.compiled.wide import product_high

Words = types.Array(types.int64, 1, "C")
Half = types.uint64
POOL = 4  # words that a seed is mixed into
INIT_A, MULT_A, INIT_B, MULT_B, MIX_L, MIX_R = map(
    np.uint64, (0x43B0D7E5, 0x931E8875, 0x8B51F9DD, 0x58F38DED, 0xCA01F9DD, 0x4973F715)
)
M32, ZERO, ONE, S1, S11, S16, S32, S58, S63, S64 = map(
    np.uint64, (0xFFFFFFFF, 0, 1, 1, 11, 16, 32, 58, 63, 64)
)
STEP_HIGH, STEP_LOW = np.uint64(2549297995355413924), np.uint64(4865540595714422341)
UNIT = 2.0**-53


@kernel(types.UniTuple(Half, 2)(Half, Half, Half))
def hashed(word, constant, factor):
    """Returns a word of 32 bits hashed, and the constant that the next one is hashed with."""
    following = (constant * factor) & M32
    word = ((word ^ constant) * following) & M32
    return word ^ (word >> S16), following


@kernel(Half(Half, Half))
def mixed(a, b):
    """Returns two words of 32 bits mixed into one."""
    word = (MIX_L * a - MIX_R * b) & M32
    return word ^ (word >> S16)


@kernel(types.UniTuple(Half, POOL)(Words))
def seed_pool(entropy):
    """Returns the words of 32 bits that a sequence of them is mixed into, as SeedSequence does."""
    pool, constant = np.zeros(POOL, np.uint64), INIT_A
    for i in range(POOL):
        pool[i], constant = hashed(types.uint64(entropy[i]) if i < entropy.size else ZERO, constant, MULT_A)
    for source in range(max(POOL, entropy.size)):
        for i in range(POOL):
            if i != source:
                given = pool[source] if source < POOL else types.uint64(entropy[source])
                word, constant = hashed(given, constant, MULT_A)
                pool[i] = mixed(pool[i], word)
    return pool[0], pool[1], pool[2], pool[3]


@kernel(types.UniTuple(Half, 2)(Half, Half, Half, Half))
def following(high, low, add_high, add_low):
    """Returns the state of 128 bits after one with this increment."""
    high = product_high(low, STEP_LOW) + high * STEP_LOW + low * STEP_HIGH
    low = low * STEP_LOW + add_low
    return high + add_high + (ONE if low < add_low else ZERO), low


@kernel(Half(Half, Half))
def output(high, low):
    """Returns the 64 random bits that a state gives: its halves combined, turned by its first six bits."""
    turn, bits = high >> S58, high ^ low
    return (bits >> turn) | (bits << ((S64 - turn) & S63))


@kernel(types.void(Words, Words))
def seeded(entropy, state):
    """Writes the state of numpy's default_rng(entropy) to state [4]; entropy holds words of 32 bits, from 0 on.

    Trailing zeros of the entropy make no difference: (seed,) and (seed, 0) are one stream.
    """
    pool, constant = seed_pool(entropy), INIT_B
    words = np.zeros(2 * POOL, np.uint64)
    for i in range(2 * POOL):
        words[i], constant = hashed(pool[i % POOL], constant, MULT_B)
    start_high, start_low = words[0] | (words[1] << S32), words[2] | (words[3] << S32)
    add_high, add_low = words[4] | (words[5] << S32), words[6] | (words[7] << S32)
    add_high, add_low = (add_high << S1) | (add_low >> S63), (add_low << S1) | ONE
    high, low = following(ZERO, ZERO, add_high, add_low)
    low += start_low
    high += start_high + (ONE if low < start_low else ZERO)
    high, low = following(high, low, add_high, add_low)
    state[0], state[1] = types.int64(high), types.int64(low)
    state[2], state[3] = types.int64(add_high), types.int64(add_low)


@kernel(types.void(Words, Floats))
def uniforms(state, out):
    """Writes the stream's next numbers from [0, 1) to out, and moves its state [4] on."""
    high, low = types.uint64(state[0]), types.uint64(state[1])
    add_high, add_low = types.uint64(state[2]), types.uint64(state[3])
    for n in range(out.size):
        high, low = following(high, low, add_high, add_low)
        out[n] = types.float64(output(high, low) >> S11) * UNIT
    state[0], state[1] = types.int64(high), types.int64(low)
