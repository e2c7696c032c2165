// A library that writes a <style> of its own (the dialog's, which keeps what lies under it from scrolling) needs the nonce of the
// page, or the policy refuses it. It looks for the nonce in this global.

declare global {
  var __webpack_nonce__: string | undefined
}

/** In a browser only; scripts of the page may read its nonce, while attributes and styles cannot. */
export function shareStyleNonce(): void {
  globalThis.__webpack_nonce__ ??= document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce
}
