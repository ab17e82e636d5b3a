/** What this browser and this address allow. */
export interface Capabilities {
  webgl2: boolean;
  /** The address permits asking for a position. */
  position: boolean;
  reducedMotion: boolean;
  /** Started by an end-to-end test: `?e2e` in the address. */
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
  const query = new URLSearchParams(window.location.search);
  return {
    webgl2: !query.has('nowebgl') && hasWebgl2(),
    position: window.isSecureContext && 'geolocation' in navigator,
    reducedMotion: window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    test: query.has('e2e'),
  };
}
