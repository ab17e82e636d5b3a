/** What this browser and this address allow. */
export interface Capabilities {
  webgl2: boolean;
  /** The address permits asking for a position. */
  position: boolean;
  reducedMotion: boolean;
  /** Started by a browser test, which sets `__e2e` before the page runs. */
  test: boolean;
}

function hasWebgl2(): boolean {
  try {
    const canvas = document.createElement('canvas');
    const context = canvas.getContext('webgl2');
    // The context counts against a small limit of the browser; give it back.
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    return context !== null;
  } catch {
    return false;
  }
}

export function capabilities(): Capabilities {
  return {
    webgl2: hasWebgl2(),
    position: window.isSecureContext && 'geolocation' in navigator,
    reducedMotion: window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    test: '__e2e' in window,
  };
}
