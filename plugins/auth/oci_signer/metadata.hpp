// SPDX-License-Identifier: Apache-2.0
// The instance metadata service, version 2: small texts by GET, without a proxy.
// Immutable after its construction.  [a helper thread; completes on one]
#pragma once

#include <gatehouse/host.hpp>

#include <string>
#include <vector>

namespace gatehouse::oci {

class Metadata {
public:
    /// `base`: http://169.254.169.254/opc/v2 or another; empty: the usual addresses,
    /// IPv4 and IPv6 in turn.
    Metadata(const std::string& base, Host& host);

    enum class Missing { try_again, is_an_answer };

    /// The text at `path`, such as "/identity/cert.pem".  What fails is tried again with
    /// growing pauses for three minutes, and so is a 404 by Missing::try_again: a young
    /// instance gets its identity late.  The error's detail says what was asked; its kind
    /// is not_found after a 404.
    void get(const std::string& path, Missing missing, Completion<std::string> done) const;

    /// For messages.
    const std::string& base() const { return bases_.front(); }

private:
    std::vector<std::string> bases_;
    Host& host_;
};

}  // namespace gatehouse::oci
