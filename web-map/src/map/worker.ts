// The map's worker with the same polyfills as the page.
import '../polyfills';
import MapWorker from 'maplibre-gl/dist/maplibre-gl-worker.mjs';

// Naming the class keeps the bundler from dropping a module that only has effects.
const scope = self as unknown as { worker?: unknown };
scope.worker ??= new MapWorker(scope);
