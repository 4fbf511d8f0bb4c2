/** No-op tasks that every contestant runs before it is measured: threads are up, and the code is compiled. */
export const WARM_UP = 1000;
