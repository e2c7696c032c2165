// What a page may load and do. Everything a run prints is hostile: nothing inline, nothing from elsewhere, no frames, no forms.

/** Next marks its own inline scripts with the nonce, and so do we our few styles; nobody else knows it. */
export function contentPolicy(nonce: string, isProduction: boolean): string {
  return [
    "default-src 'none'",
    // Next's development build evaluates code and writes styles for hot reload.
    `script-src 'self' 'nonce-${nonce}'${isProduction ? '' : " 'unsafe-eval'"}`,
    `style-src 'self' ${isProduction ? `'nonce-${nonce}'` : "'unsafe-inline'"}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // What may pass is in instrumentation-client.ts; hot reload writes more than that.
    ...(isProduction ? ["require-trusted-types-for 'script'", 'trusted-types default'] : []),
  ].join('; ')
}
