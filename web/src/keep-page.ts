/** A file that is dropped where nothing takes it does not replace the page, and what was typed there. */

function keep(event: DragEvent): void {
  const takes = event.target instanceof HTMLInputElement && event.target.type === "file";
  if (event.defaultPrevented || takes) return;
  event.preventDefault();
  if (event.dataTransfer) event.dataTransfer.dropEffect = "none";
}

/** Begin. */
export function loseNoPage(): void {
  for (const kind of ["dragover", "drop"] as const)
    addEventListener(
      kind,
      ({ dataTransfer }) => {
        // Told last: whoever takes the file has said so by then.
        if (dataTransfer?.types.includes("Files")) addEventListener(kind, keep, { once: true });
      },
      true,
    );
}
