import { commandFor, type Command } from '../keys';
import type { Controller } from './controller';

const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();

/** Leaves one level: a tool, the selection, the table. */
function back(app: Controller): void {
  const interaction = app.interaction.peek();
  const { selection, view } = app.store.state.peek();
  if (app.store.state.peek().present) app.present(false);
  else if (interaction?.measured.peek()) interaction.stopMeasure();
  else if (selection) app.set({ selection: null });
  else if (interaction?.place.peek()) interaction.place.value = null;
  else if (view === 'data') app.set({ view: 'overview' });
}

function run(app: Controller, command: Command): boolean {
  const interaction = app.interaction.peek();
  switch (command) {
    case 'search':
      app.searchInput?.focus();
      return true;
    case 'layers':
      app.leftOpen.value = true;
      setTimeout(() => focus('.side-left input[type=checkbox]'));
      return true;
    case 'filter':
      app.leftOpen.value = true;
      setTimeout(() => focus('.tree input[type=search]'));
      return true;
    case 'time':
      focus('.brush-handle');
      return true;
    case 'play':
      app.togglePlay();
      return true;
    case 'measure':
      interaction?.toggleMeasure();
      return interaction !== null;
    case 'finish':
      interaction?.finishMeasure();
      return Boolean(interaction?.measured.peek());
    case 'undo':
      interaction?.undoMeasure();
      return Boolean(interaction?.measured.peek());
    case 'previous':
      app.neighbor(-1);
      return true;
    case 'next':
      app.neighbor(1);
      return true;
    case 'zoom':
      app.zoomToSelection();
      return true;
    case 'crosshair':
      if (interaction?.measured.peek()) interaction.measureCenter();
      else interaction?.pickCenter();
      return true;
    case 'help':
      app.dialog.value = 'keys';
      return true;
    case 'overview':
      app.set({ view: 'overview' });
      return true;
    case 'data':
      app.openTable();
      return true;
    case 'present':
      app.present(!app.store.state.peek().present);
      return true;
    case 'escape':
      back(app);
      return false;
  }
}

/** Binds the keyboard of the page. */
export function bindKeys(app: Controller): void {
  document.addEventListener('keydown', (event) => {
    const command = commandFor(event, app.singleKeys.peek());
    // While something is drawn, keys are of the drawing.
    if (command && !app.interaction.peek()?.taken && run(app, command)) event.preventDefault();
  });
}
