/**
 * Timers, clocks and signals as they were before a job was loaded. A job may replace the global ones: test
 * libraries leave timers behind that never fire.
 */
export const {
  setTimeout: startTimeout,
  clearTimeout: stopTimeout,
  setInterval: startInterval,
  structuredClone: cloned,
} = globalThis;

const { AbortController: Controller, AbortSignal: Signal, performance: clock } = globalThis;

/** Milliseconds, of a clock that only goes forward. */
export const elapsedMs = clock.now.bind(clock);
/** Milliseconds since the epoch. */
export const wallClockMs = Date.now.bind(Date);
export const random = Math.random.bind(Math);
export const anySignal = Signal.any.bind(Signal);

export function newAbortController(): AbortController {
  return new Controller();
}
