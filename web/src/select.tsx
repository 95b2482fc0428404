/** One of a few, under its name. */
interface SelectProps<T extends string> {
  label: string;
  /** What the API calls it. */
  name?: string;
  value: T;
  options: Record<T, string>;
  onChange: (value: T) => void;
}

export function Select<T extends string>(props: SelectProps<T>) {
  const { label, name, value, options, onChange } = props;
  return (
    <label>
      {label}
      <select
        {...(name ? { name } : {})}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as T)}
      >
        {(Object.entries(options) as [T, string][]).map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}
