import { describe, expect, it } from 'vitest';
import { commandFor, type KeyLike } from '../src/keys';

const press = (key: string, on = 'body', more: Partial<KeyLike> = {}): KeyLike => ({
  key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false,
  target: { closest: (selector: string) => selector.split(',').includes(on) } as never,
  ...more,
});

describe('keys', () => {
  it('work on the map, not while typing', () => {
    expect(commandFor(press('/'), true)).toBe('search');
    expect(commandFor(press('/', 'input'), true)).toBeNull();
    expect(commandFor(press('L'), true)).toBe('layers');
  });
  it('leave the browser its own', () => {
    for (const key of ['p', 'f', 'l', 'r']) expect(commandFor(press(key, 'body', { ctrlKey: true }), true)).toBeNull();
  });
  it('let buttons keep Space and Enter', () => {
    expect(commandFor(press(' '), true)).toBe('play');
    expect(commandFor(press(' ', 'button'), true)).toBeNull();
    expect(commandFor(press('Enter', 'button'), true)).toBeNull();
  });
  it('can be switched off, except Escape', () => {
    expect(commandFor(press('m'), false)).toBeNull();
    expect(commandFor(press('Escape'), false)).toBe('escape');
  });
  it('wait for the end of an input method', () => {
    expect(commandFor(press('m', 'body', { isComposing: true }), true)).toBeNull();
  });
});
