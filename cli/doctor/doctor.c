/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/doctor.h"

void doctor_tell(const struct doctor *doctor, enum answer_id id, const struct blank *blanks)
{
	const struct answer *answer = &doctor_answers[id];
	struct finding finding = { answer->check, id, answer->state };

	answer_fill(finding.fact, sizeof(finding.fact), answer->fact, blanks);
	answer_fill(finding.file, sizeof(finding.file), answer->file, blanks);
	answer_fill(finding.mend, sizeof(finding.mend), answer->mend, blanks);
	doctor->found(doctor->arg, &finding);
}
