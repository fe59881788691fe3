"""Machine words: loads, masks over 64 bytes, keyed 128-bit hashes, and the table they are kept in. Owns no meaning.

    keys    (h0, h1) (h0, h1)    0     (h0, h1)     0    ...     2^n places, two words each; zero is free
    values      17       3              -5                       one number a place
               ^ place = h0 mod 2^n, then the next, until it is found or free

Hashes are sums of wide products with secret words drawn for each process, so that nobody can prepare values that meet in one place;
two lanes with different secrets make 128 bits. Source: Wang Yi, "wyhash" (the multiply-and-fold step).
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

U = np.uint64
ZERO, ONE = U(0), U(1)
_WORD, _BYTE = ir.IntType(64), ir.IntType(8)
_BLOCK = ir.VectorType(_BYTE, 64)


def _load(builder: Any, address: Any, kind: Any) -> Any:
    pointer = builder.inttoptr(address, ir.PointerType(kind))
    loaded = builder.load(pointer, typ=kind)
    loaded.align = 1
    return loaded


@intrinsic
def load64(_: Any, address: Any) -> Any:
    """Read a word of eight bytes at an address; nobody checks that it may be read."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return _load(builder, arguments[0], _WORD)

    return types.uint64(types.uint64), generate


@intrinsic
def load32(_: Any, address: Any) -> Any:
    """Read four bytes at an address."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.zext(_load(builder, arguments[0], ir.IntType(32)), _WORD)

    return types.uint64(types.uint64), generate


@intrinsic
def load8(_: Any, address: Any) -> Any:
    """Read a byte at an address."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.zext(_load(builder, arguments[0], _BYTE), _WORD)

    return types.uint64(types.uint64), generate


@intrinsic
def store8(_: Any, address: Any, byte: Any) -> Any:
    """Write a byte at an address; nobody checks that it may be written."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.PointerType(_BYTE))
        builder.store(builder.trunc(arguments[1], _BYTE), pointer)
        return _WORD(0)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def move64(_: Any, to: Any, address: Any) -> Any:
    """Copy 64 bytes; nobody checks that they may be read and written."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], ir.PointerType(_BLOCK))
        stored = builder.store(_load(builder, arguments[1], _BLOCK), pointer)
        stored.align = 1
        return _WORD(0)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def equal_bytes(_: Any, address: Any, byte: Any) -> Any:
    """Give a bit for each of 64 bytes at an address that equals `byte`; one instruction with AVX-512, a few without."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        wanted = builder.insert_element(ir.Constant(_BLOCK, ir.Undefined), builder.trunc(arguments[1], _BYTE), ir.IntType(32)(0))
        everywhere = ir.Constant(ir.VectorType(ir.IntType(32), 64), [0] * 64)
        wanted = builder.shuffle_vector(wanted, ir.Constant(_BLOCK, ir.Undefined), everywhere)
        return builder.bitcast(builder.icmp_unsigned("==", _load(builder, arguments[0], _BLOCK), wanted), _WORD)

    return types.uint64(types.uint64, types.uint64), generate


@intrinsic
def lowest(_: Any, word: Any) -> Any:
    """Give the place of the lowest bit of a word that is not zero."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(1))

    return types.uint64(types.uint64), generate


@intrinsic
def folded_product(_: Any, left: Any, right: Any) -> Any:
    """Multiply to 128 bits and fold the halves onto each other."""

    def generate(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(builder.zext(arguments[0], wide), builder.zext(arguments[1], wide))
        return builder.xor(builder.trunc(product, _WORD), builder.trunc(builder.lshr(product, wide(64)), _WORD))

    return types.uint64(types.uint64, types.uint64), generate


@njit(inline="always")
def mixed(left, right, secret):
    """Hash two words."""
    return folded_product(left ^ secret[2], right ^ secret[3]) | ONE, folded_product(right ^ secret[4], left ^ secret[5])


@njit(nogil=True, cache=True)
def hashed(address, size, salt, secret):
    """Hash bytes to two words, of which the first is never zero; reads nothing beyond them.

    Args:
        address, size: where they stand.
        salt: what the hash is for.
        secret: six odd words that nobody outside knows.
    """
    a = secret[0] ^ (salt * secret[2]) ^ size
    b = secret[1] ^ (salt * secret[3]) ^ size
    if size > U(16):
        last = address + size - U(16)
        while address < last:
            x, y = load64(address), load64(address + U(8))
            a = folded_product(x ^ secret[2], y ^ a)
            b = folded_product(y ^ secret[3], x ^ b)
            address += U(16)
        x, y = load64(last), load64(last + U(8))
    elif size >= U(8):
        x, y = load64(address), load64(address + size - U(8))
    elif size >= U(4):
        x, y = load32(address), load32(address + size - U(4))
    elif size > ZERO:
        x = load8(address) | (load8(address + (size >> ONE)) << U(8)) | (load8(address + size - ONE) << U(16))
        y = ZERO
    else:
        x = y = ZERO
    return folded_product(x ^ secret[4], y ^ a) | ONE, folded_product(y ^ secret[5], x ^ b)


@njit(inline="always")
def place(keys, h0, h1):
    """Give the place of a key, or of the free place where it would stand."""
    mask = U(keys.shape[0] - 1)
    at = h0 >> U(20) & mask
    while keys[at, 0] != ZERO and (keys[at, 0] != h0 or keys[at, 1] != h1):
        at = at + ONE & mask
    return np.int64(at)


@njit(nogil=True, cache=True)
def put(keys, h0, h1):
    """Write a key down and give its place; it may be there already."""
    at = place(keys, h0, h1)
    keys[at, 0], keys[at, 1] = h0, h1
    return at


@njit(nogil=True, cache=True)
def hashed_text(text, salt, secret):
    """Hash an array of bytes."""
    return hashed(U(text.ctypes.data), U(text.shape[0]), salt, secret)
