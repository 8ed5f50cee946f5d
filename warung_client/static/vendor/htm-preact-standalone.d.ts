// What the till uses of htm with Preact; the published file has no types of its own.
export const html: (parts: TemplateStringsArray, ...values: any[]) => any;
export function render(what: any, into: Element | null): void;
export function useState<T = any>(first: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useEffect(work: () => void | (() => void), inputs?: any[]): void;
export function useLayoutEffect(work: () => void | (() => void), inputs?: any[]): void;
export function useRef<T = any>(first: T): { current: T };
export function useMemo<T>(made: () => T, inputs: any[]): T;
