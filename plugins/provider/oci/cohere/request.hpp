// SPDX-License-Identifier: Apache-2.0
// Common code of the request writers for Cohere's two formats.
#pragma once

#include "plugins/provider/oci/chat/request.hpp"

namespace gatehouse::oci {

class CohereRequestWriter : protected RequestWriter {
protected:
    using RequestWriter::RequestWriter;

    /// Checks for fields that neither format can express.
    Result<void> check_cohere() const;
    /// Writes limits, temperature and the like, within Cohere's bounds.
    void write_cohere_sampling();
    Result<void> write_cohere_format();
};

}  // namespace gatehouse::oci
