/// <reference lib="dom" />
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A real browser of this machine; `CHROMIUM` names one elsewhere. */
export const browserPath = [process.env['CHROMIUM'] ?? '', ...places].find((path) => existsSync(path));

export const openBrowser = (): Promise<Browser> => chromium.launch({ executablePath: browserPath! });

export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
export const desktop = { viewport: { width: 1280, height: 800 } };

export interface Visit {
  page: Page;
  /** What the browser complained of: errors of scripts, refused content, what could not be loaded. */
  complaints: string[];
  /** Every host that was asked for anything. */
  hosts: Set<string>;
  end: () => Promise<void>;
}

/** A visitor of their own: no cookie and no cache of another one. */
export async function visit(browser: Browser, options: BrowserContextOptions = desktop): Promise<Visit> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const hosts = new Set<string>();
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('requestfailed', (request) => complaints.push(`${request.url()} failed`));
  page.on('request', (request) => {
    if (!request.url().startsWith('data:')) hosts.add(new URL(request.url()).host);
  });
  return { page, complaints, hosts, end: () => context.close() };
}

/** Kept only where somebody wants to look: `E2E_SCREENSHOTS` names the folder. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['E2E_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** Texts whose contrast with what is behind them is below 4.5 (WCAG 2.2 AA), and controls smaller than 44 pixels. */
export function hardToUse(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = (color: string) => {
      const [r = 0, g = 0, b = 0] = channels(color).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element: Element | null): string => {
      if (!element) return 'rgb(255, 255, 255)';
      const { backgroundColor } = getComputedStyle(element);
      return channels(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor;
    };
    const contrast = (element: Element) => {
      const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    };
    const all = [...document.body.querySelectorAll('*')];
    const hasText = (element: Element) =>
      [...element.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim());
    const faint = all.filter((element) => hasText(element) && contrast(element) < 4.5);
    const small = all.filter(
      (element) => element.matches('a, button, select') && element.getBoundingClientRect().height < 44,
    );
    return [...faint, ...small].map((element) => element.outerHTML.slice(0, 100));
  });
}

/** The element that the keyboard acts on, and the line around it. */
export function focused(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const element = document.activeElement ?? document.body;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return [element.tagName, outlineStyle, outlineWidth];
  });
}

/** By how many pixels the page is wider than its window. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
