import { describeWhere } from '@quittance/testing/describe-where';
import { eventually } from '@quittance/testing/eventually';
import type { Browser, Page } from 'playwright-core';
import {
  browserPath,
  desktop,
  focused,
  hardToUse,
  keepScreenshot,
  openBrowser,
  overflow,
  phone,
  visit,
} from './browser.ts';
import { apiOf, stack } from './stack.ts';

interface Link {
  id: string;
  url: string;
  status: string;
}

const given = {
  ...{ employer_id: 'E-1', carrier_id: 'C-1', policy_id: 'POL-2025-004711', payee_name: 'Harbour Mutual Insurance' },
  ...{ amount_cents: 250000, payment_type: 'down_payment', due_date: '2031-05-31' },
  customer: { name: 'Smith Industries', email: 'office@smith.example' },
};
const api = apiOf(stack.demo);
const make = async (more: object = {}) => (await api.post<Link>('/api/v1/payment-links', { ...given, ...more })).body;
const statusOf = async ({ id }: Link) => (await api.get<Link>(`/api/v1/payment-links/${id}`)).body.status;
const gateway = new URL(stack.info.gatewayUrl).host;

const headingOf = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();
const pay = (page: Page) => page.getByRole('button', { name: 'Pay $2,500.00' }).click();
const choose = (page: Page, token: string) => page.getByLabel('Test payment method').selectOption(token);

const why = 'no Chromium on this machine, so nobody opened the hosted page in a browser';

describeWhere(browserPath !== undefined, why)('the hosted page in a real browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  /** Opens a link and closes it after `look`; nobody may have complained, and nobody else may have been asked. */
  async function at(link: Pick<Link, 'url'>, options: typeof desktop, look: (page: Page) => Promise<void>) {
    const { page, complaints, hosts, end } = await visit(browser, options);
    try {
      await page.goto(link.url);
      await look(page);
      expect(complaints).toEqual([]);
      expect([...hosts]).toEqual([gateway]);
    } finally {
      await end();
    }
  }

  const sizes = [
    ['a phone', phone],
    ['a desktop', desktop],
  ] as const;

  it.each(sizes)('is paid on %s, and says so', async (name, size) => {
    const link = await make();
    await at(link, size, async (page) => {
      expect(await page.title()).toBe('Pay securely');
      await keepScreenshot(page, `payable on ${name}`);
      expect(await hardToUse(page)).toEqual([]);
      await pay(page);
      expect(await headingOf(page)).toBe('Payment received');
      await keepScreenshot(page, `paid on ${name}`);
      const receipt = await fetch(`${link.url}/receipt`);
      expect([receipt.status, receipt.headers.get('content-type')]).toEqual([200, 'application/pdf']);
      expect(await page.getByRole('link', { name: 'Receipt (PDF)' }).isVisible()).toBe(true);
      expect(await hardToUse(page)).toEqual([]);
    });
    expect(await statusOf(link)).toBe('completed');
  });

  it.each(sizes)('tells on %s why it did not work, and takes another method', async (name, size) => {
    const link = await make();
    await at(link, size, async (page) => {
      await choose(page, 'tok_declined_stolen');
      await pay(page);
      const alert = page.getByRole('alert');
      expect(await alert.innerText()).toContain('You have not been charged.');
      expect(await page.title()).toBe('Your payment did not go through');
      await keepScreenshot(page, `declined on ${name}`);
      expect(await hardToUse(page)).toEqual([]);
      await choose(page, 'tok_visa');
      await pay(page);
      expect(await headingOf(page)).toBe('Payment received');
    });
  });

  it('asks for consent where further payments follow', async () => {
    const link = await make({ installment_plan: { count: 10, per_installment_cents: 75000 } });
    await at(link, phone, async (page) => {
      expect(await page.getByText('10 further monthly payments of $750.00').isVisible()).toBe(true);
      await keepScreenshot(page, 'with a plan on a phone');
      expect(await hardToUse(page)).toEqual([]);
      await pay(page);
      expect(await headingOf(page)).toBe('Payment received');
    });
  });

  it('waits for a bank that takes days', async () => {
    const link = await make();
    await at(link, phone, async (page) => {
      await choose(page, 'tok_ach');
      await pay(page);
      expect(await headingOf(page)).toBe('Payment in progress');
      await keepScreenshot(page, 'in progress on a phone');
      expect(await hardToUse(page)).toEqual([]);
    });
    expect(await statusOf(link)).toBe('processing');
  });

  it('goes to the bank that asks, and comes back', async () => {
    const link = await make();
    const { page, complaints, hosts, end } = await visit(browser, phone);
    await page.goto(link.url);
    await choose(page, 'tok_3ds');
    await pay(page);
    expect(await headingOf(page)).toBe('One more step');
    await keepScreenshot(page, 'one more step on a phone');
    await page.getByRole('link', { name: 'Continue at your bank' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForURL(link.url);
    await eventually(async () => {
      if ((await headingOf(page)) === 'Payment received') return true;
      await page.reload();
      return false;
    });
    // The bank has no icon.
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);
    expect(hosts.size).toBe(2);
    await end();
  });

  it('is closed when it has expired or was cancelled, and unknown when nobody made it', async () => {
    const cancelled = await make();
    await api.send('DELETE', `/api/v1/payment-links/${cancelled.id}`);
    const expired = await make({ expires_at: new Date(Date.now() + 200).toISOString() });
    await eventually(async () => (await fetch(expired.url)).status === 410);
    const closed = [
      [cancelled.url, 410, 'This link is closed'],
      [expired.url, 410, 'This link has expired'],
      [`${cancelled.url.slice(0, -4)}AAAA`, 404, 'We cannot find this page'],
    ] as const;
    const { page, complaints, hosts, end } = await visit(browser, phone);
    for (const [url, status, heading] of closed) {
      expect((await page.goto(url))?.status()).toBe(status);
      expect(await headingOf(page)).toBe(heading);
      expect(await page.getByRole('button').count()).toBe(0);
      await keepScreenshot(page, `${heading} on a phone`);
      expect(await hardToUse(page)).toEqual([]);
    }
    // The browser's own note that a page was 410 or 404 is no fault of the page.
    expect(complaints.filter((text) => !text.startsWith('Failed to load resource'))).toEqual([]);
    expect([...hosts]).toEqual([gateway]);
    await end();
  });

  it('is paid with the keyboard alone, and shows where one is', async () => {
    await at(await make(), desktop, async (page) => {
      await page.keyboard.press('Tab');
      expect(await focused(page)).toEqual(['SELECT', 'solid', '3px']);
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Tab');
      expect(await focused(page)).toEqual(['BUTTON', 'solid', '3px']);
      await keepScreenshot(page, 'with the keyboard on a desktop');
      await page.keyboard.press('Enter');
      await page.waitForLoadState();
      await page.getByRole('heading', { name: 'Payment received' }).waitFor();
    });
  });

  it('is paid without JavaScript', async () => {
    await at(await make(), { ...desktop, javaScriptEnabled: false } as typeof desktop, async (page) => {
      await pay(page);
      await page.getByRole('heading', { name: 'Payment received' }).waitFor();
    });
  });

  it('is told to a screen reader in order, and by name', async () => {
    await at(await make(), phone, async (page) => {
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      const heard = await page.locator('body').ariaSnapshot();
      expect(heard).toMatch(/^- banner: Harbour Mutual Insurance\n- main:\n {2}- heading "Pay securely" \[level=1\]/);
      expect(heard).toContain('- combobox "Test payment method"');
      expect(heard).toContain('- button "Pay $2,500.00"');
      expect(heard).toMatch(/- contentinfo:\n/);
      for (const [term, text] of [
        ['To', 'Harbour Mutual Insurance'],
        ['For', 'Down payment'],
        ['Policy', 'POL-2025-004711'],
        ['Due', 'May 31, 2031'],
      ])
        expect(heard).toMatch(new RegExp(`- term: ${term}\\n\\s+- definition: ${text}`));
    });
  });

  it('fits a narrow screen and a doubled text size without scrolling sideways', async () => {
    const link = await make({ payee_name: 'A-very-long-name-of-an-insurer-without-any-space-in-it-that-has-to-break' });
    await at(link, { viewport: { width: 320, height: 640 } }, async (page) => {
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await page.setViewportSize({ width: 195, height: 400 });
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      await keepScreenshot(page, 'on a narrow screen');
    });
  });

  it('is shown in no frame', async () => {
    const link = await make();
    const { page, end } = await visit(browser);
    await page.setContent(`<iframe src="${link.url}"></iframe>`);
    await page.waitForLoadState('networkidle');
    const [, frame] = page.frames();
    expect(await frame!.locator('form').count()).toBe(0);
    await end();
  });
});
