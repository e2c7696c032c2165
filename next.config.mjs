/** @type {import('next').NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // The runtime lives in server.ts; what it holds is never bundled into pages (see ARCHITECTURE.md).
  serverExternalPackages: ['libsql', '@prisma/client', 'pino'],
  devIndicators: false,
  typescript: { ignoreBuildErrors: false },
}

export default config
