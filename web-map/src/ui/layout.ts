import { signal } from '@preact/signals';

export type Layout = 'phone' | 'tablet' | 'desktop';

const PHONE = '(max-width: 639px)';
const TABLET = '(max-width: 1023px)';

function read(): Layout {
  if (typeof matchMedia === 'undefined') return 'desktop';
  return matchMedia(PHONE).matches ? 'phone' : matchMedia(TABLET).matches ? 'tablet' : 'desktop';
}

/** Which of the three layouts fits the window; the same limits as in layout.css. */
export const layout = signal<Layout>(read());

if (typeof matchMedia !== 'undefined') {
  for (const query of [PHONE, TABLET]) matchMedia(query).addEventListener('change', () => (layout.value = read()));
}
