// Unpacks LZMA (the `.lzma` format: properties, dictionary size, size, then the range coder's bytes; LZMA
// SDK, lzma.txt): what the site ships is a quarter smaller so than by gzip, and any server sends it as it is.
"use strict";
const unpack = (input) => {
  const [lc, lp, pb] = [input[0] % 9, Math.floor(input[0] / 9) % 5, Math.floor(input[0] / 45)];
  const size = new DataView(input.buffer, input.byteOffset).getUint32(5, true);
  const out = new Uint8Array(size);
  let place = 0;

  // Probabilities of a zero in 2,048ths, by their place in one array.
  const IS_MATCH = 0, IS_REP = 192, IS_REP0 = 204, IS_REP1 = 216, IS_REP2 = 228, IS_REP0_LONG = 240;
  const SLOT = 432, SPECIAL = 688, ALIGN = 816, LENGTH = 832, REP_LENGTH = 1346, LITERAL = 1860;
  const odds = new Uint16Array(LITERAL + (768 << (lc + lp))).fill(1024);

  let range = 0xffffffff, code = 0, at = 14;
  for (const end = at + 4; at < end; at++) code = ((code << 8) | input[at]) >>> 0;
  const normal = () => {
    if (range < 0x1000000) {
      range = (range << 8) >>> 0;
      code = ((code << 8) | input[at++]) >>> 0;
    }
  };
  const bit = (index) => {
    const odd = odds[index];
    const bound = (range >>> 11) * odd;
    if (code < bound) {
      range = bound;
      odds[index] = odd + ((2048 - odd) >> 5);
      normal();
      return 0;
    }
    range -= bound;
    code -= bound;
    odds[index] = odd - (odd >> 5);
    normal();
    return 1;
  };
  const direct = (bits) => {
    let value = 0;
    for (; bits > 0; bits--) {
      range >>>= 1;
      const one = code >= range ? 1 : 0;
      if (one) code -= range;
      value = value * 2 + one;
      normal();
    }
    return value;
  };
  const tree = (base, bits) => {
    let node = 1;
    for (let left = bits; left > 0; left--) node = node * 2 + bit(base + node);
    return node - (1 << bits);
  };
  const reverse = (base, bits) => {
    let node = 1, value = 0;
    for (let n = 0; n < bits; n++) {
      const one = bit(base + node);
      node = node * 2 + one;
      value |= one << n;
    }
    return value;
  };
  // Choices, then the trees of the short (by position), the middling (by position) and the long.
  const length = (base, position) => {
    if (!bit(base)) return 2 + tree(base + 2 + position * 8, 3);
    if (!bit(base + 1)) return 10 + tree(base + 130 + position * 8, 3);
    return 18 + tree(base + 258, 8);
  };
  const distance = (matched) => {
    const slot = tree(SLOT + Math.min(matched - 2, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const high = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return high + reverse(SPECIAL + high - slot, bits);
    return high + direct(bits - 4) * 16 + reverse(ALIGN, 4);
  };
  const literal = (state, rep0) => {
    const before = place ? out[place - 1] : 0;
    const base = LITERAL + 768 * (((place & ((1 << lp) - 1)) << lc) + (before >> (8 - lc)));
    let symbol = 1;
    if (state >= 7) {
      for (let matched = out[place - rep0 - 1]; symbol < 256; matched <<= 1) {
        const expected = (matched >> 7) & 1;
        const one = bit(base + ((1 + expected) << 8) + symbol);
        symbol = symbol * 2 + one;
        if (one !== expected) break;
      }
    }
    while (symbol < 256) symbol = symbol * 2 + bit(base + symbol);
    out[place++] = symbol;
  };

  let state = 0, rep0 = 0, rep1 = 0, rep2 = 0, rep3 = 0;
  while (place < size) {
    const position = place & ((1 << pb) - 1);
    if (!bit(IS_MATCH + state * 16 + position)) {
      literal(state, rep0);
      state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6;
      continue;
    }
    let count = 0;
    if (!bit(IS_REP + state)) {
      [rep3, rep2, rep1] = [rep2, rep1, rep0];
      count = length(LENGTH, position);
      state = state < 7 ? 7 : 10;
      rep0 = distance(count);
    } else if (bit(IS_REP0 + state)) {
      const one = bit(IS_REP1 + state);
      const two = one && bit(IS_REP2 + state);
      const far = !one ? rep1 : !two ? rep2 : rep3;
      if (two) rep3 = rep2;
      if (one) rep2 = rep1;
      [rep1, rep0] = [rep0, far];
      count = length(REP_LENGTH, position);
      state = state < 7 ? 8 : 11;
    } else if (bit(IS_REP0_LONG + state * 16 + position)) {
      count = length(REP_LENGTH, position);
      state = state < 7 ? 8 : 11;
    } else {
      count = 1;
      state = state < 7 ? 9 : 11;
    }
    if (rep0 >= place || count > size - place) throw new Error("garbled LZMA");
    for (const end = place + count; place < end; place++) out[place] = out[place - rep0 - 1];
  }
  return out;
};
