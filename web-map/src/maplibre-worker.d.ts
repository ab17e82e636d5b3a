declare module 'maplibre-gl/dist/maplibre-gl-worker.mjs' {
  /** Starts answering the messages of the page in the given worker scope. */
  export default class MapWorker {
    constructor(scope: unknown);
  }
}
