/**
 * `Promise` as it was before a job was loaded: a job may replace the global one, for instance by Bluebird's,
 * and that lacks what fanjoin calls.
 */
export const NativePromise = Promise;
