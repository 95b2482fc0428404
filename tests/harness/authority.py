"""Certificates for tests: whoever speaks TLS here has one of these."""

import datetime as dt
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Somebody who signs certificates; its own is `ca.crt`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir()
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority")])
        builder = self._builder(self._name, self._key.public_key())
        authority = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self.certificate = folder / "ca.crt"
        self._write(self.certificate, authority)

    def issue(self, name: str) -> tuple[Path, Path]:
        """Return a certificate for a host or a person, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key.public_key())
        certificate, keyed = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        self._write(
            certificate,
            builder.add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
            ),
        )
        keyed.touch(mode=0o600)
        keyed.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return certificate, keyed

    def _builder(self, subject: x509.Name, key: Any) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
        )
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(
            now - dt.timedelta(days=1)
        )
        return builder.not_valid_after(now + dt.timedelta(days=1))

    def _write(self, path: Path, builder: x509.CertificateBuilder) -> None:
        path.write_bytes(
            builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
