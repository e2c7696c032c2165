// The filled part of a bar. An <svg>, because its width is an attribute of its own: the pages' policy forbids style attributes, which
// is what a server-rendered `style` is.
export const BarFill = ({ percent, className }: { percent: number; className: string }) => (
  <svg aria-hidden data-fill width={`${percent}%`} className={className} />
)
