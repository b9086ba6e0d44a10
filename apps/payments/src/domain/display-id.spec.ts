import { displayIdOf } from './display-id.ts';

describe('a display id', () => {
  it('is short, groups its digits and has none that people confuse', () => {
    expect(displayIdOf('019a9fdc-8a00-7abc-8def-0123456789ab')).toMatch(/^P(-[0-9A-HJKMNP-TV-Z]{5}){3}$/);
  });

  it('sorts by time', () => {
    const ids = ['019a9fdc-8a00', '019a9fdc-8a01', '019a9fdc-9000', '01b09fdc-0000'];
    const shown = ids.map((id) => displayIdOf(`${id}-7abc-8def-0123456789ab`));
    expect([...shown].sort()).toEqual(shown);
  });

  it('differs for payments of the same millisecond', () => {
    const start = '019a9fdc-8a00-7abc-8def-';
    expect(displayIdOf(`${start}0123456789ab`)).not.toBe(displayIdOf(`${start}0123456789ac`));
  });
});
