// SPDX-License-Identifier: Apache-2.0
#include "core/tls/shown_certificate.hpp"

#include "core/tls/certificate_facts.hpp"

namespace gatehouse::core {

ShownCertificate shown_certificate(const SSL& session) {
    const X509* shown = SSL_get0_peer_certificate(&session);
    if (!shown || SSL_get_verify_result(&session) != X509_V_OK) return {};
    return {text_of(*X509_get_subject_name(shown)), names_of(*shown)};
}

}  // namespace gatehouse::core
