// Numbers that are drawn anew in each run; EXITLESS_SEED repeats one.
export function draw() {
  const seed = Number(process.env.EXITLESS_SEED) || 1 + Math.floor(Math.random() * 1e6);
  let state = seed >>> 0 || 1;
  const below = (n) => {
    state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
    return state % n;
  };
  return { seed, below };
}
