// Drawn numbers: those of `fixed`, or new ones in each run. EXITLESS_SEED chooses others, or repeats a run.
export function draw(fixed = 1 + Math.floor(Math.random() * 1e6)) {
  const seed = Number(process.env.EXITLESS_SEED) || fixed;
  let state = seed >>> 0 || 1;
  const below = (n) => {
    state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
    return state % n;
  };
  return { seed, below };
}
