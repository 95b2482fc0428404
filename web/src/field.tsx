/** One labelled field of a form. */
import type { Ref } from "preact";

interface FieldProps {
  label: string;
  /** What the API calls it. */
  name?: string;
  value: string;
  onValue: (value: string) => void;
  type?: "text" | "password";
  autocomplete?: string;
  hint?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  field?: Ref<HTMLInputElement>;
}

export function Field({ label, hint, onValue, field, type = "text", ...input }: FieldProps) {
  return (
    <label>
      {label}
      {hint && <span class="muted">{hint}</span>}
      <input
        {...input}
        type={type as "text"}
        ref={field ?? null}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}

interface CodeFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

/** A field for what a program reads or writes: several lines, and nobody corrects their spelling. */
export function CodeField({ label, value, onChange }: CodeFieldProps) {
  return (
    <label>
      {label}
      <textarea
        class="code"
        rows={2}
        spellcheck={false}
        value={value}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

/** What went wrong, said once, where screen readers hear it. */
export function Trouble({ text }: { text: string | null }) {
  return text ? (
    <p class="problem" role="alert">
      {text}
    </p>
  ) : null;
}
