import { render } from 'preact';
import { CrashScreen } from '../ui/state';
import { App } from './app';
import { Provide } from './context';
import { Controller } from './controller';
import { bindKeys } from './shortcuts';

/** Starts the client in `root`. */
export async function boot(root: HTMLElement): Promise<void> {
  const crash = (error: unknown): void => {
    console.error(error);
    render(<CrashScreen message={error instanceof Error ? error.message : String(error)} />, root);
  };
  try {
    const app = new Controller();
    void app.start();
    bindKeys(app);
    await app.spoken;
    render(
      <Provide value={app}>
        <App />
      </Provide>,
      root,
    );
  } catch (error) {
    crash(error);
  }
}
