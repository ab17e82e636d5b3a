/** Keys while something is drawn. They come before those of the page. */
import type { Workshop } from './workshop';

const FIELDS = 'input:not([type=checkbox]),select,textarea,[contenteditable]';
const OWN_ARROWS = `${FIELDS},[role=slider],[role=separator],[role=menu],[role=row],[role=listbox],.segments`;
const STEP_M = 1;
const BIG_STEP_M = 10;

const ARROWS: Record<string, readonly [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** What the editor does with a key; false = the key is not its. */
export function press(shop: Pick<Workshop, 'sketch' | 'finish' | 'leave' | 'canvas'>, event: KeyboardEvent): boolean {
  const target = event.target as Element | null;
  const inside = (selector: string): boolean => Boolean(target?.closest?.(selector));
  const sketch = shop.sketch();
  if (event.isComposing || inside('dialog')) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === 'Escape') {
    if (inside('[role=menu]') || inside('[role=combobox]')) return false;
    if (shop.canvas?.cancelDrag()) return true;
    if (sketch?.tool.peek() === 'ring' && (sketch.pending.peek().length || sketch.shape.peek())) {
      sketch.dropPending();
      if (sketch.shape.peek()) sketch.tool.value = 'edit';
      return true;
    }
    shop.leave();
    return true;
  }
  if (!sketch || inside(FIELDS)) return false;
  if (event.ctrlKey || event.metaKey) {
    if (event.altKey) return false;
    if (key === 'z') (event.shiftKey ? sketch.redo() : sketch.undo());
    else if (key === 'y') sketch.redo();
    else return false;
    return true;
  }
  if (event.altKey) return false;
  const arrow = ARROWS[key];
  if (arrow) {
    if (!sketch.chosen.peek() || inside(OWN_ARROWS)) return false;
    const metres = event.shiftKey ? BIG_STEP_M : STEP_M;
    sketch.nudge(arrow[0] * metres, arrow[1] * metres);
    return true;
  }
  switch (key) {
    case 'Enter':
      if (inside('button,a,summary,[tabindex]:not(canvas)')) return false;
      shop.finish();
      return true;
    case '[':
      sketch.chooseNext(-1);
      return true;
    case ']':
      sketch.chooseNext(1);
      return true;
    case 'Backspace':
    case 'Delete':
      if (sketch.pending.peek().length) sketch.undo();
      else sketch.removeCorner();
      return true;
    case 'Insert':
      sketch.insertAfterChosen();
      return true;
    case '.':
      shop.canvas?.addCenter();
      return shop.canvas !== null;
    default:
      return false;
  }
}

export function bindDrawKeys(shop: Workshop): void {
  document.addEventListener(
    'keydown',
    (event) => {
      const kind = shop.work.peek().kind;
      if (!shop.drawn.peek() && kind !== 'edit') return;
      if (press(shop, event)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
}
